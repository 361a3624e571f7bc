/**
 * Softmax attention, an image and some heads at a time, so that the scores stay in a core's cache.
 *
 * <p>Start at {@link ddpm.engine.backend.cpu.attention.CpuAttention}.
 */
package ddpm.engine.backend.cpu.attention;
