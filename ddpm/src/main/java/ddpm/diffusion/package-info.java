/**
 * The mathematics of diffusion: {@link ddpm.diffusion.Schedule}, {@link ddpm.diffusion.Prediction}, {@link
 * ddpm.diffusion.Weighting} and {@link ddpm.diffusion.TrainingTimes}, which become the rows of a {@link
 * ddpm.diffusion.TrainingTable}. Knows nothing of the network that predicts, a {@link ddpm.diffusion.Denoiser}.
 *
 * <p>Each kind has its choices in a package of its own ({@code schedule}, {@code prediction}, {@code weighting}, {@code
 * times}); {@code solver} makes the tables that images are drawn by, {@code reverse} runs them. Start at {@link
 * ddpm.diffusion.Schedule} and {@code ddpm.diffusion.reverse.ReverseProcess}.
 */
package ddpm.diffusion;
