package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Conv2dSpec;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
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

/** 3x3 convolutions at the sizes of the mnist preset: each level on the way down, and the widest on the way up. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class ConvBench {
    @Param({"64x28x28x32", "64x14x14x64", "64x7x7x128", "64x7x7x256", "64x28x28x64"})
    String x;

    /** Channels of the result; 0 for as many as the input has. */
    @Param("0")
    long out;

    @Param("fp32")
    String precision;

    private Operands operands;
    private ConvOps ops;
    private Conv2dSpec g;
    private Buffer in;
    private Buffer w;
    private Buffer b;
    private Buffer y;
    private Buffer dy;
    private Buffer dx;
    private Buffer dw;
    private Buffer db;
    private double flop;
    private double bytes;

    @Setup(Level.Trial)
    public void open() {
        operands = new Operands(precision);
        ops = operands.backend().conv();
        Nhwc extents = Operands.nhwc(x);
        g = new Conv2dSpec(extents, out == 0 ? extents.c() : out, Hw.square(3), Hw.square(1), Hw.square(1));
        long weights = g.outChannels() * 9 * extents.c();
        in = operands.random(extents.count());
        w = operands.random(weights);
        b = operands.random(g.outChannels());
        y = operands.empty(g.y().count());
        dy = operands.random(g.y().count());
        dx = operands.empty(extents.count());
        dw = operands.empty(weights);
        db = operands.empty(g.outChannels());
        flop = 2.0 * g.y().count() * 9 * extents.c();
        bytes = 4.0 * (extents.count() + g.y().count() + weights);
        check(weights);
    }

    /** The three are adjoint: the sum of dy * (y - b) is that of dx * x and that of dw * w. */
    private void check(long weights) {
        ops.conv2d(g, in, w, b, y);
        ops.conv2dBackwardData(g, dy, w, dx);
        ops.conv2dBackwardWeights(g, in, dy, dw, db);
        long outputs = g.y().count();
        double sum = operands.dot(dy, y, outputs) - operands.dot(db, b, g.outChannels());
        double scale = Math.sqrt(flop); // of a sum of so many random products
        operands.requireClose("conv2dBackwardData", sum, operands.dot(dx, in, g.x().count()), scale);
        operands.requireClose("conv2dBackwardWeights", sum, operands.dot(dw, w, weights), scale);
    }

    @Benchmark
    public void forward(Rate rate) {
        ops.conv2d(g, in, w, b, y);
        operands.backend().synchronize();
        rate.add(flop, bytes);
    }

    @Benchmark
    public void backwardData(Rate rate) {
        ops.conv2dBackwardData(g, dy, w, dx);
        operands.backend().synchronize();
        rate.add(flop, bytes);
    }

    @Benchmark
    public void backwardWeights(Rate rate) {
        ops.conv2dBackwardWeights(g, in, dy, dw, db);
        operands.backend().synchronize();
        rate.add(flop, bytes);
    }

    @TearDown(Level.Trial)
    public void close() {
        operands.close();
    }
}
