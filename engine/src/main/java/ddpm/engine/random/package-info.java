/**
 * Counter-based random numbers: any value can be computed on its own from (seed, stream, row, step), so results do not
 * depend on batch size, thread count or device, and a resumed run continues the same stream. Start at {@link
 * ddpm.engine.random.Philox}; the CUDA kernels compute the same bits.
 */
package ddpm.engine.random;
