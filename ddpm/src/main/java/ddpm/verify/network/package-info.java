/**
 * Checks of the U-Net: outputs, gradients, steps of Adam, a chain of samples, and the full size by its facts.
 *
 * <p>Start at {@link ddpm.verify.network.SmallUNetSuite}.
 */
package ddpm.verify.network;
