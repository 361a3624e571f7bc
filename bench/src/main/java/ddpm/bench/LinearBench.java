package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Matmul;
import ddpm.engine.backend.MatmulOps;
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

/** The projections into and out of attention, rows x in x out: the products the mnist preset has most of. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class LinearBench {
    @Param({"50176x64x192", "50176x64x64", "12544x128x384", "3136x256x768", "64x128x256"})
    String shape;

    @Param("fp32")
    String precision;

    private Operands operands;
    private MatmulOps ops;
    private Matmul forward;
    private Matmul data;
    private Matmul weights;
    private Buffer x;
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
        ops = operands.backend().matmul();
        String[] parts = shape.split("x");
        long rows = Long.parseLong(parts[0]);
        long in = Long.parseLong(parts[1]);
        long out = Long.parseLong(parts[2]);
        forward = new Matmul(rows, in, out, false, true);
        data = new Matmul(rows, out, in, false, false);
        weights = new Matmul(out, rows, in, true, false);
        x = operands.random(rows * in);
        w = operands.random(out * in);
        b = operands.random(out);
        y = operands.empty(rows * out);
        dy = operands.random(rows * out);
        dx = operands.empty(rows * in);
        dw = operands.empty(out * in);
        db = operands.empty(out);
        flop = 2.0 * rows * in * out;
        bytes = 4.0 * (rows * in + rows * out + in * out);
        check(rows, in, out);
    }

    /** The three are adjoint: the sum of dy * (y - b) is that of dx * x and that of dw * w. */
    private void check(long rows, long in, long out) {
        forward(new Rate());
        backwardData(new Rate());
        backwardWeights(new Rate());
        double sum = operands.dot(dy, y, rows * out) - operands.dot(db, b, out);
        double scale = Math.sqrt(flop); // of a sum of so many random products
        operands.requireClose("backwardData", sum, operands.dot(dx, x, rows * in), scale);
        operands.requireClose("backwardWeights", sum, operands.dot(dw, w, out * in), scale);
    }

    @Benchmark
    public void forward(Rate rate) {
        ops.matmulBias(forward, x, w, b, y);
        operands.backend().synchronize();
        rate.add(flop, bytes);
    }

    @Benchmark
    public void backwardData(Rate rate) {
        ops.matmul(data, dy, w, dx);
        operands.backend().synchronize();
        rate.add(flop, bytes);
    }

    @Benchmark
    public void backwardWeights(Rate rate) {
        ops.matmul(weights, dy, x, dw);
        ops.sumRows(weights.k(), weights.m(), dy, db);
        operands.backend().synchronize();
        rate.add(flop, bytes);
    }

    @TearDown(Level.Trial)
    public void close() {
        operands.close();
    }
}
