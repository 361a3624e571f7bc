/**
 * The U-Net of the reference: parameter names, shapes and their order are those of its state_dict. Start at {@link
 * ddpm.model.unet.UNet}; {@link ddpm.model.unet.UNetConfig} says what its widths mean.
 */
package ddpm.model.unet;
