/**
 * Tables and plots of what {@code bench/compare.sh} and {@code bench/scaling.sh} measured: lines of JSON in {@code
 * bench/results}. Nothing here measures.
 *
 * <p>Start at {@link ddpm.bench.report.Tables}.
 */
package ddpm.bench.report;
