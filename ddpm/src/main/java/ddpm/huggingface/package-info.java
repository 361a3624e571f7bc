/**
 * Folders as Hugging Face diffusers writes and reads them: a network's config.json and weights, a scheduler's settings. What they hold
 * becomes settings of ours and the other way round. Start at {@link ddpm.huggingface.ModelFolder}. Only {@code UNet2DModel} is known
 * here; how settings are used is no business of this package.
 */
package ddpm.huggingface;
