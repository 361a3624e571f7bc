/**
 * The U-Net of Hugging Face diffusers, {@code UNet2DModel}: parameter names, shapes and their order are those of its state_dict, and
 * the keys of its configuration are those of its config.json where they mean the same. Start at {@link ddpm.model.unet2d.UNet2D};
 * {@link ddpm.model.unet2d.UNet2DConfig} says what the keys mean.
 */
package ddpm.model.unet2d;
