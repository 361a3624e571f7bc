/**
 * Training: the configuration of a run and how it is put together, the step, the loop around it, and what a run keeps on
 * disk. What the model computes is in {@code ddpm.model} and {@code ddpm.diffusion}.
 *
 * <p>Start at {@link ddpm.train.TrainingSession}, then {@link ddpm.train.Trainer} for the step and {@link
 * ddpm.train.RunConfig} for the settings. The promise of {@link ddpm.train.RunFolder}, {@link
 * ddpm.train.CheckpointStore} and {@link ddpm.train.MetricsLog}: whatever happens while one of these writes (kill -9, a
 * full disk), the next start finds the state of the last save or the one before, whole.
 */
package ddpm.train;
