/**
 * Measurements: JMH benchmarks of a training step and of the families of operations at the U-Net's own sizes, and the
 * program that {@code bench/compare.sh} runs beside PyTorch. Nothing here asserts a time; results are filed in {@code
 * bench/results}.
 *
 * <p>Start at {@link ddpm.bench.TrainStepBench}. {@code java -jar bench/target/bench.jar} runs all, {@code -l} lists them,
 * {@code ConvBench -p x=64x28x28x32 -f 3} one of them with other numbers.
 */
package ddpm.bench;
