/**
 * The CPU: one class per family of {@code ddpm.engine.backend}, {@code NormOps} by {@code CpuNorm} and so on. Products,
 * convolutions, softmax and everything with an exponential run in oneDNN; sums, normalisation and optimizers are loops
 * over Java arrays.
 *
 * <p>One team of threads ({@code Workers}) stands behind everything; each thread has its own oneDNN stream and primitives
 * ({@code Worker} in {@code team}, {@code DnnlContext} and {@code Primitive} in {@code onednn}). Which thread does what is left
 * to chance, the order of every sum is not: the same number of threads gives the same bits.
 *
 * <p>What several families share stands below, each package using only those after it: {@code attention} and {@code conv},
 * {@code team}, {@code onednn}, {@code memory}.
 *
 * <p>Start at {@link ddpm.engine.backend.cpu.CpuBackend}, then {@code CpuNorm} for loops and {@code CpuConv} for oneDNN.
 */
package ddpm.engine.backend.cpu;
