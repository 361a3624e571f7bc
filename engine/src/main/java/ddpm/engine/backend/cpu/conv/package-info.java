/**
 * Convolutions and transposed ones: by oneDNN's own primitives, by Winograd's transforms around matrix products, or by one
 * product for each tap of the filter.
 *
 * <p>Start at {@link ddpm.engine.backend.cpu.conv.CpuConv}.
 */
package ddpm.engine.backend.cpu.conv;
