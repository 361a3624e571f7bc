/**
 * The tensor engine: arrays in native memory, operations on them, their gradients, and the devices that compute.
 *
 * <p>An operation takes three hops. A method of {@link ddpm.engine.tensor.Tensor} calls an operation in {@code
 * ddpm.engine.ops}, which checks shapes, allocates and records; that calls one method of a family in {@code
 * ddpm.engine.backend}; the device's class of that family computes. Follow {@code groupNorm} once and every other
 * operation reads alike.
 *
 * <p>Knowledge points one way: {@code optim} and {@code nn} (layers, with {@code io} for files) use {@code tensor}, {@code
 * autograd} and {@code ops}, which know each other; those use {@code backend}, which {@code backend.cpu} implements; {@code
 * random} uses nothing; {@code profile} measures a step of a backend. Not here: diffusion, images on disk, the command
 * line. They are in {@code ddpm}, on top.
 */
package ddpm.engine;
