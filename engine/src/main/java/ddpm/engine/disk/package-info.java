/**
 * Files as such: one mapped into memory, a path as text that a terminal can show, and why something went wrong. What stands
 * in a file of tensors is read in {@code ddpm.engine.io}.
 *
 * <p>Start at {@link ddpm.engine.disk.MappedFile}.
 */
package ddpm.engine.disk;
