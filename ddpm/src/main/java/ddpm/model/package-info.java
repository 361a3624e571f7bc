/**
 * The networks, all {@link ddpm.diffusion.Denoiser}s: {@link ddpm.model.Models} lists them, each has a package of its own.
 * Training, sampling and checkpoints know them by {@link ddpm.model.Model} and {@link ddpm.model.ModelConfig} only.
 */
package ddpm.model;
