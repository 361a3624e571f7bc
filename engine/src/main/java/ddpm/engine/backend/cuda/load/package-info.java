/**
 * Finding and loading NVIDIA's libraries and JCuda's natives, for CUDA 12 and 13.
 *
 * <p>Start at {@link ddpm.engine.backend.cuda.load.CudaLibraries}.
 */
package ddpm.engine.backend.cuda.load;
