/**
 * Reading and writing configuration records, without knowing any particular one: {@link ddpm.config.Yaml} parses and
 * prints, {@link ddpm.config.Layers} puts settings on top of each other and remembers where each came from, {@link
 * ddpm.config.RecordReader} turns the result into records, {@link ddpm.config.Problems} collects what is wrong.
 *
 * <p>The records themselves live beside what they configure ({@code ddpm.model.unet.UNetConfig}, {@code
 * ddpm.data.DataConfig}, ...); those of a training as a whole are in {@code ddpm.train.settings}. A key is the name of a
 * record component in snake_case.
 */
package ddpm.config;
