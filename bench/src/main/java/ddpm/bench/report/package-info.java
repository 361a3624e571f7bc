/**
 * Tables and plots of what {@code bench/compare.sh}, {@code bench/scaling.sh} and, on a GPU, {@code
 * bench/device-run.sh} measured: lines of JSON in {@code bench/results}. Nothing here measures.
 *
 * <p>Start at {@link ddpm.bench.report.Tables}, for a GPU at {@link ddpm.bench.report.DeviceReport}.
 */
package ddpm.bench.report;
