package ddpm.bench;

import ddpm.engine.backend.Backend;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/** What a benchmark took, as a rate, and as a share of what the machine can do: one line at its end. */
@State(Scope.Thread)
public class Timing {
    private final List<Double> seconds = new ArrayList<>();
    private String title;
    private IterationType type;
    private Ceiling ceiling;
    private double flop;
    private double bytes;

    @Setup(Level.Trial)
    public void name(BenchmarkParams params) {
        String name = params.getBenchmark().replaceFirst("^ddpm\\.bench\\.", "");
        title = params.getParamsKeys().stream().map(params::getParam).collect(Collectors.joining(" ", name + " ", ""));
    }

    /** Forgets the warm-up. */
    @Setup(Level.Iteration)
    public void begin(IterationParams params) {
        if (params.getType() != type) {
            seconds.clear();
        }
        type = params.getType();
    }

    /** An operation, by the device's own clock. */
    void kernel(Backend backend, double flop, double bytes, Runnable op) {
        measureCeiling(backend);
        this.flop = flop;
        this.bytes = bytes;
        for (double s : Stopwatch.seconds(backend, op)) {
            seconds.add(s);
        }
    }

    /** Whole steps, by the host's clock; {@code run} does as many as it is told and waits for their end. */
    void steps(Backend backend, Work work, int steps, IntConsumer run) {
        measureCeiling(backend);
        flop = work.flop();
        bytes = work.bytes();
        long began = System.nanoTime();
        run.accept(steps);
        seconds.add((System.nanoTime() - began) / 1e9 / steps);
    }

    private void measureCeiling(Backend backend) {
        if (ceiling == null) {
            ceiling = Ceiling.of(backend);
        }
    }

    @TearDown(Level.Trial)
    public void print() {
        if (!seconds.isEmpty()) { // nothing was measured where the first call failed
            System.out.println("\n  " + title + ": " + line());
        }
    }

    private String line() {
        List<Double> sorted = new ArrayList<>(seconds);
        Collections.sort(sorted);
        double median = sorted.get(sorted.size() / 2);
        String products =
                flop == 0 ? "" : share(flop / median / 1e9, "GFLOP/s", ceiling.flop() / 1e9, "the largest product");
        return String.format(
                        Locale.ROOT,
                        "median %.4f ms, fastest %.4f of %d",
                        median * 1e3,
                        sorted.get(0) * 1e3,
                        sorted.size())
                + products
                + share(bytes / median / 1e9, "GB/s", ceiling.bytes() / 1e9, "copy");
    }

    private static String share(double rate, String unit, double most, String what) {
        return String.format(Locale.ROOT, "; %.1f %s, %.0f %% of %s (%.1f)", rate, unit, 100 * rate / most, what, most);
    }
}
