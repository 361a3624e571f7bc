/**
 * How far two sets of points are apart, whatever the points are: {@link ddpm.evaluate.measure.Gaussian} (Fréchet distance),
 * {@link ddpm.evaluate.measure.KernelDistance}, {@link ddpm.evaluate.measure.Manifolds} (precision, recall, density,
 * coverage) and {@link ddpm.evaluate.measure.Nearest}; and {@link ddpm.evaluate.measure.Tint}, what a person sees first. What is large is computed in blocks by the engine ({@code Products})
 * and decided in double.
 *
 * <p>Not here: which points stand for images, which is {@code ddpm.evaluate.network}, and what the numbers say, which is {@code
 * ddpm.evaluate}. Start at {@link ddpm.evaluate.measure.Rows}.
 */
package ddpm.evaluate.measure;
