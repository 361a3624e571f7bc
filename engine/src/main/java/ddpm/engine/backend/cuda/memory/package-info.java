/**
 * Device memory by the pool, copies between host and device, and scratch memory that a call borrows.
 *
 * <p>Start at {@link ddpm.engine.backend.cuda.memory.CudaMemory}.
 */
package ddpm.engine.backend.cuda.memory;
