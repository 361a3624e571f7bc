/**
 * Drawing images from a trained model, and writing them. The formulas of a single step are in {@code ddpm.diffusion}.
 *
 * <p>Start at {@link ddpm.sample.SamplingSession}. Where weights come from is not known here: {@code ddpm.train} finds them.
 */
package ddpm.sample;
