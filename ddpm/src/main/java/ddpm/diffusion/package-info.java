/**
 * The mathematics of diffusion: noise schedules, adding noise, taking it away. Knows nothing of the model that predicts
 * the noise.
 *
 * <p>Start at {@link ddpm.diffusion.NoiseSchedule} and {@link ddpm.diffusion.ReverseProcess}.
 */
package ddpm.diffusion;
