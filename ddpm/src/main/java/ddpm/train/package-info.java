/**
 * The step of a training and what it keeps in the device's memory. What the model computes is in {@code ddpm.model} and
 * {@code ddpm.diffusion}; {@code settings} says what a training is, {@code checkpoint} keeps its state, {@code run} is the
 * loop around it with the folder, the metrics and the forecast.
 *
 * <p>Start at {@link ddpm.train.Trainer}, then {@link ddpm.train.TrainingStep}. Nothing here writes a file.
 */
package ddpm.train;
