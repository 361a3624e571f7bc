/**
 * Checks of single operations of the engine, forward and backward, against PyTorch's.
 *
 * <p>Start at {@link ddpm.verify.ops.OpsSuite}.
 */
package ddpm.verify.ops;
