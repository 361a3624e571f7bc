/**
 * Event files as TensorBoard reads them: {@link ddpm.tensorboard.EventFile}, a file of checksummed records, and {@link
 * ddpm.tensorboard.Event}, what a record says, in the few protocol buffer fields that this takes. No library stands behind
 * it (docs/decisions/0031).
 *
 * <p>Not here: what a training writes into such a file, which is {@code ddpm.train.run.RunEvents}. Start at {@link
 * ddpm.tensorboard.EventFile}.
 */
package ddpm.tensorboard;
