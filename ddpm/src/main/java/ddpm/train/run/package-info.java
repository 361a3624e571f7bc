/**
 * A training from its first line to its last: images, folder, loop, previews, metrics, evaluations on the way, forecast, Ctrl-C. What a step does is
 * in {@code ddpm.train}.
 *
 * <p>Start at {@link ddpm.train.run.TrainingSession}, then {@link ddpm.train.run.TrainingRun}, the loop. What {@link
 * ddpm.train.run.RunFolder} and {@link ddpm.train.run.MetricsLog} write is whole after a crash, as checkpoints are.
 */
package ddpm.train.run;
