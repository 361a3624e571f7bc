/**
 * What a device must be able to do: {@link ddpm.engine.backend.Backend} is memory and a handful of families of kernels,
 * one interface each ({@link ddpm.engine.backend.NormOps}, {@link ddpm.engine.backend.ConvOps}, ...). The contract of a
 * kernel, with shapes and formula, is written here once. Geometry travels as records with named fields, each nested in the
 * interface of its family; those that several families take stand beside them ({@link ddpm.engine.backend.Nhwc}, ...).
 *
 * <p>Families compute into buffers they are given: no tensors, no tape, no allocation of results. A backward overwrites.
 * The implementation for the CPU is {@code ddpm.engine.backend.cpu}, that for NVIDIA GPUs {@code
 * ddpm.engine.backend.cuda}.
 *
 * <p>Start at {@link ddpm.engine.backend.NormOps}.
 */
package ddpm.engine.backend;
