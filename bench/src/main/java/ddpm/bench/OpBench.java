package ddpm.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the benchmarks of a family of operations have in common. {@link Timing} prints the result: JMH's own score covers, on a
 * GPU, many launches and the emptying of caches before each.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class OpBench {
    @Param("cpu")
    public String device;

    @Param("fp32")
    public String precision;

    private Operands operands;

    @Setup(Level.Trial)
    public void open() {
        operands = new Operands(device, precision);
        prepare(operands);
        check(operands);
    }

    @TearDown(Level.Trial)
    public void close() {
        operands.close();
    }

    /** Makes the operands. */
    abstract void prepare(Operands operands);

    /** Runs each operation once. @throws IllegalStateException where a result is wrong */
    abstract void check(Operands operands);

    /** @param flop additions and multiplications @param bytes that have to move, each operand once */
    final void time(Timing timing, double flop, double bytes, Runnable op) {
        timing.kernel(operands.backend(), flop, bytes, op);
    }
}
