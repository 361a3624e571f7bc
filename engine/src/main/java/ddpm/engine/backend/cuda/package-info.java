/**
 * An NVIDIA GPU: one class per family of {@code ddpm.engine.backend}, {@code NormOps} by {@code CudaNorm} and so on. Our own
 * kernels (module {@code kernels}) do everything but convolutions, which cuDNN does, and matrix products, which cuBLAS does.
 *
 * <p>What several families share stands below, each package using only those after it: {@code conv}, {@code nvidia},
 * {@code kernel}, {@code memory}, {@code driver}; {@code load} stands beside them. There {@code CudaLibraries} finds and loads
 * the libraries, {@code CudaDevice} is the GPU with its one stream, {@code CudaKernels} the kernels, each loaded by its first
 * launch, {@code CudaMemory} the pool and the copies. {@code CudaGraph} is a recorded step. Every call returns before the work
 * is done; the stream keeps the order, so a family neither waits nor copies.
 *
 * <p>Start at {@link ddpm.engine.backend.cuda.CudaBackend}, then {@code CudaNorm} for a kernel and {@code CudaConv} for cuDNN.
 */
package ddpm.engine.backend.cuda;
