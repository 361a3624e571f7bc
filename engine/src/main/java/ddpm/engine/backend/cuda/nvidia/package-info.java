/**
 * cuBLAS and cuDNN: their handles, their status codes, and matrix products.
 *
 * <p>Start at {@link ddpm.engine.backend.cuda.nvidia.CudaHandles}.
 */
package ddpm.engine.backend.cuda.nvidia;
