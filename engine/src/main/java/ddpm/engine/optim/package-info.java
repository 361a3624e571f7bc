/**
 * What happens to parameters after the gradients are there: {@link ddpm.engine.optim.GradientClip}, an {@link
 * ddpm.engine.optim.Optimizer} ({@link ddpm.engine.optim.Adam} or {@link ddpm.engine.optim.Sgd}), {@link ddpm.engine.optim.Ema}, at a {@link ddpm.engine.optim.LearningRate}. The kernels behind
 * them are {@code ddpm.engine.backend.OptimizerOps}. How much an average forgets is an {@link ddpm.engine.optim.Ema.Decay}'s;
 * {@link ddpm.engine.optim.PostHoc} makes other averages from stored ones.
 *
 * <p>Start at {@link ddpm.engine.optim.Adam}.
 */
package ddpm.engine.optim;
