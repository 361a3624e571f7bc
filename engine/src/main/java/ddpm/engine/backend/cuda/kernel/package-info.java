/**
 * Our own kernels: their code as shipped, their signatures as the PTX tells them, and a launch that compares its arguments with
 * those. The kernels of biases, which several families launch, are here too.
 *
 * <p>Start at {@link ddpm.engine.backend.cuda.kernel.CudaKernels}.
 */
package ddpm.engine.backend.cuda.kernel;
