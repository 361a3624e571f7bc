/**
 * What a training run keeps on disk: {@link ddpm.train.RunFolder} and, inside it, {@link ddpm.train.CheckpointStore}
 * and {@link ddpm.train.MetricsLog}.
 *
 * <p>The promise: whatever happens while one of these writes (kill -9, a full disk), the next start finds the state of
 * the last save or the one before, whole. Files are written to a temporary name, synced, renamed. The format of the
 * weights is {@code ddpm.engine.io}; models and optimizers are not known here, only named arrays. Start at
 * {@link ddpm.train.CheckpointStore#save}.
 */
package ddpm.train;
