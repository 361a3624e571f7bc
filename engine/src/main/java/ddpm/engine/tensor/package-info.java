/**
 * The array and its life: {@link ddpm.engine.tensor.Tensor}, its {@link ddpm.engine.tensor.Shape} and {@link
 * ddpm.engine.tensor.DType}, and the {@link ddpm.engine.tensor.Scope} that owns it and frees it.
 *
 * <p>{@link ddpm.engine.tensor.HostTensor} is an array of the host, as it came from a file or goes to one.
 *
 * <p>What an operation computes is not here: the methods of {@code Tensor} only pass on to {@code ddpm.engine.ops}.
 * Memory comes from the backend, see {@code ddpm.engine.backend.MemoryOps}.
 *
 * <p>Start at {@link ddpm.engine.tensor.Scope}, then {@link ddpm.engine.tensor.Tensor}.
 */
package ddpm.engine.tensor;
