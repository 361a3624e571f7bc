/**
 * What happens to parameters after the gradients are there: {@link ddpm.engine.optim.GradientClip}, {@link
 * ddpm.engine.optim.Adam}, {@link ddpm.engine.optim.Ema}, at a {@link ddpm.engine.optim.LearningRate}. The kernels behind
 * them are {@code ddpm.engine.backend.OptimizerOps}.
 *
 * <p>Start at {@link ddpm.engine.optim.Adam}.
 */
package ddpm.engine.optim;
