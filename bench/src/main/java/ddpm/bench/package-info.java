/**
 * Measurements: JMH benchmarks of the families of operations at the U-Net's own sizes and of whole steps, and the program
 * that {@code bench/compare.sh} and {@code bench/scaling.sh} run beside PyTorch. Nothing here asserts a time; results are
 * filed in {@code bench/results}, and {@link ddpm.bench.report} makes tables and plots of them.
 *
 * <p>Start at {@link ddpm.bench.ConvBench} and {@link ddpm.bench.StepTime}. {@code java -jar bench/target/bench.jar} runs
 * all benchmarks, {@code -l} lists them, {@code ConvBench -p conv=64x28x28x32:64:3 -p device=cuda -p precision=bf16} is one
 * of them with other numbers. Each checks its results before it is timed and ends with a line of time, rate and share of
 * what a large product and a copy reached in the same process.
 */
package ddpm.bench;
