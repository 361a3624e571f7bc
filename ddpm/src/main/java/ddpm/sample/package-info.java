/**
 * Drawing images from a trained model, and writing them. The formulas of a single step are in {@code ddpm.diffusion}.
 *
 * <p>Start at {@link ddpm.sample.SampleConfig} and {@link ddpm.sample.SampleRequest}.
 */
package ddpm.sample;
