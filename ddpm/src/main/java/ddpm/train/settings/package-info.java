/**
 * What a run is set to: {@link ddpm.train.settings.RunConfig} with its sections, {@link ddpm.train.settings.ConfigLoader},
 * which puts preset, file and options together, {@link ddpm.train.settings.Presets}, and what of it may change in the middle of
 * a run. Reading YAML and records is {@code ddpm.config}.
 *
 * <p>Start at {@link ddpm.train.settings.RunConfig}.
 */
package ddpm.train.settings;
