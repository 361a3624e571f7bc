/**
 * Training: the configuration of a run and how it is put together, the loop, checkpoints and metrics. What one step
 * computes is in {@code ddpm.model} and {@code ddpm.diffusion}.
 *
 * <p>Start at {@link ddpm.train.RunConfig} and {@link ddpm.train.ConfigLoader}.
 */
package ddpm.train;
