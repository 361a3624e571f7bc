/**
 * Counter-based random numbers: any value can be computed on its own from (seed, stream, row, step), so results do not
 * depend on batch size, thread count or device, and a resumed run continues the same stream. Start at {@link
 * ddpm.engine.random.Philox}; the CUDA kernels compute the same bits. What they are used for is numbered by the
 * application ({@link ddpm.engine.random.Stream}).
 */
package ddpm.engine.random;
