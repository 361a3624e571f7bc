/**
 * What a network is to the rest: {@link ddpm.model.Model}, a {@link ddpm.diffusion.Denoiser} with parameters, and {@link
 * ddpm.model.ModelConfig}, its shape. Training, sampling and checkpoints know networks by these two only.
 *
 * <p>Each network has a package of its own, such as {@code ddpm.model.unet}; {@code ddpm.model.list.Models} lists them.
 */
package ddpm.model;
