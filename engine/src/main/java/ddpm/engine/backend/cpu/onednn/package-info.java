/**
 * What we ask of oneDNN: its library as found and loaded, a thread's stream and cache of primitives, a primitive with its
 * arguments, and the plain ones (matrix product, function of each element, copy with strides). Those of convolutions stand in
 * {@code conv}. What the processor offers, as oneDNN sees it, is here too.
 *
 * <p>Start at {@link ddpm.engine.backend.cpu.onednn.Primitive}.
 */
package ddpm.engine.backend.cpu.onednn;
