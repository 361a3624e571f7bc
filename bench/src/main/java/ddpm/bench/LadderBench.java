package ddpm.bench;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.Ladder;
import ddpm.engine.backend.cuda.LadderDevice;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Times every step of every ladder on a real GPU by its own clock, caches emptied before each run, beside the bandwidth of
 * the driver's copy on the same GPU.
 *
 * <pre>
 * java -cp bench.jar ddpm.bench.LadderBench
 * </pre>
 */
public final class LadderBench {
    private LadderBench() {}

    public static void main(String[] args) {
        try (LadderDevice gpu = LadderDevice.open()) {
            if (gpu.simulated()) {
                System.err.println("LadderBench: this is the simulator, whose times mean nothing; it needs a real GPU");
                System.exit(1);
            }
            double copy = gpu.copyBandwidth();
            print("%s, copy %.0f GB/s%n", gpu.name(), copy / 1e9);
            for (Supplier<Ladder> make : gpu.ladders()) {
                try (Ladder ladder = make.get()) {
                    measure(gpu, ladder, copy);
                }
            }
        } catch (BackendException e) {
            System.err.println("LadderBench: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void measure(LadderDevice gpu, Ladder ladder, double copy) {
        print("%n%s%n%-24s %10s %8s %9s %7s %9s%n", ladder.title(), "step", "ms", "±", "GB/s", "% copy", "GFLOP/s");
        for (Ladder.Step step : ladder.steps()) {
            if (!ladder.isRight(step)) {
                throw new IllegalStateException(ladder.title() + ", " + step.name() + ": wrong result");
            }
            double[] seconds = gpu.seconds(step.run());
            double median = seconds[seconds.length / 2];
            double spread = (seconds[seconds.length - 1] - seconds[0]) / 2;
            double rate = ladder.bytes() / median;
            print(
                    "%-24s %10.4f %8.4f %9.1f %7.1f %9.1f%n",
                    step.name(),
                    median * 1e3,
                    spread * 1e3,
                    rate / 1e9,
                    100 * rate / copy,
                    ladder.flop() / median / 1e9);
        }
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }
}
