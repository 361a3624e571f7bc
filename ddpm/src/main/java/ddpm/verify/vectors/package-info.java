/**
 * The files of vectors: {@link ddpm.verify.vectors.VectorFolder} and what it must hold, {@link
 * ddpm.verify.vectors.VectorFile}, tensors in PyTorch's layout, and {@link ddpm.verify.vectors.Expected}, which compares with
 * one. Knows nothing of what the numbers mean.
 *
 * <p>Start at {@link ddpm.verify.vectors.VectorFolder}.
 */
package ddpm.verify.vectors;
