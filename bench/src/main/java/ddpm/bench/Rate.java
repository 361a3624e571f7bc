package ddpm.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Work done, which JMH divides by the time: GFLOP/s and GB/s, to be held against the machine's ceiling. Bytes are those
 * that have to move, each operand once.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Rate {
    public double gflop;
    public double gigabytes;

    @Setup(Level.Iteration)
    public void reset() {
        gflop = 0;
        gigabytes = 0;
    }

    void add(double flop, double bytes) {
        gflop += flop / 1e9;
        gigabytes += bytes / 1e9;
    }
}
