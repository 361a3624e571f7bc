/**
 * Native memory: a buffer, the pool that lends buffers again, and files mapped into memory. Nothing here computes.
 *
 * <p>Start at {@link ddpm.engine.backend.cpu.memory.CpuMemory}.
 */
package ddpm.engine.backend.cpu.memory;
