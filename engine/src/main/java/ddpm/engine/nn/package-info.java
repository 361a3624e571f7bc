/**
 * Layers with parameters, named and initialised as PyTorch's: a layer's constructor creates its parameters in a {@link
 * ddpm.engine.nn.Parameters} registry, its {@code forward} is a few tensor operations. What the operations compute is in
 * {@code ddpm.engine.ops}; how parameters are updated is in {@code ddpm.engine.optim}.
 *
 * <p>Start at {@link ddpm.engine.nn.Parameters} and {@link ddpm.engine.nn.Conv2d}.
 */
package ddpm.engine.nn;
