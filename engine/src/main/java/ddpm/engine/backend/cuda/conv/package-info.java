/**
 * Convolutions: the search among cuDNN's algorithms, what it found, kept in a file, a plan for each geometry and pass, and our
 * own way where cuDNN has no deterministic one.
 *
 * <p>Start at {@link ddpm.engine.backend.cuda.conv.CudaConv}.
 */
package ddpm.engine.backend.cuda.conv;
