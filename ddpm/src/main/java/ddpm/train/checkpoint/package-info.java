/**
 * The state of a training on disk, and weights found again: {@link ddpm.train.checkpoint.CheckpointStore} saves and loads,
 * {@link ddpm.train.checkpoint.TrainedModels} finds what to draw images with. The promise: whatever happens while one is
 * written (kill -9, a full disk), the next start finds the last save or the one before, whole.
 *
 * <p>Not here: what makes the state, {@code ddpm.train.Trainer}, and who holds the folder, {@code ddpm.train.run.RunFolder}.
 * Start at {@link ddpm.train.checkpoint.CheckpointStore}.
 */
package ddpm.train.checkpoint;
