/**
 * Gradients in reverse mode: the {@link ddpm.engine.autograd.Tape} of one step, the {@link ddpm.engine.autograd.Op} that
 * is recorded on it, and the {@link ddpm.engine.autograd.Gradients} on their way back. Gradients are added here and
 * nowhere else.
 *
 * <p>The formulas of the backward passes are in the records of {@code ddpm.engine.ops} and in the backends.
 *
 * <p>Start at {@link ddpm.engine.autograd.Tape#backward}.
 */
package ddpm.engine.autograd;
