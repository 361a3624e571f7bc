/**
 * Drawing images from a trained model, and writing them. The formulas of a single step are in {@code ddpm.diffusion}, where
 * weights come from in {@code ddpm.train.checkpoint}.
 *
 * <p>Start at {@link ddpm.sample.SamplingSession}.
 */
package ddpm.sample;
