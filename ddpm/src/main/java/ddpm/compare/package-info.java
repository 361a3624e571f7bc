/**
 * Runs beside each other: {@link ddpm.compare.CompareSession} reads what they left ({@code Run}), has each draw from the same seeds, and
 * prints and writes what is different: {@code Settings}, {@code Measures}, and {@code ComparisonPage} with pictures.
 *
 * <p>Not here: measuring images, which {@code ddpm.evaluate} does for one run at a time. Start at {@link ddpm.compare.CompareSession}.
 */
package ddpm.compare;
