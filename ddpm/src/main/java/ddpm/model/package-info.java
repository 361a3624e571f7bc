/**
 * The U-Net that predicts the noise in an image, and its configuration. What it is built of (convolutions, attention,
 * normalisation) is in the engine; how it is trained is in {@code ddpm.train}.
 *
 * <p>Start at {@link ddpm.model.UNet} and {@link ddpm.model.UNetConfig}.
 */
package ddpm.model;
