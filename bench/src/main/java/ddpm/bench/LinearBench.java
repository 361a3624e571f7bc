package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.backend.MatmulOps.Linear;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The projections into and out of attention, rows x in x out: the products the mnist preset has most of. */
public class LinearBench extends OpBench {
    @Param({"50176x64x192", "50176x64x64", "12544x128x384", "3136x256x768", "64x128x256"})
    String shape;

    private MatmulOps ops;
    private Linear g;
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

    @Override
    void prepare(Operands operands) {
        ops = operands.backend().matmul();
        String[] parts = shape.split("x");
        long rows = Long.parseLong(parts[0]);
        long in = Long.parseLong(parts[1]);
        long out = Long.parseLong(parts[2]);
        g = new Linear(rows, in, out);
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
    }

    /** The three are adjoint: the sum of dy * (y - b) is that of dx * x and that of dw * w. */
    @Override
    void check(Operands operands) {
        ops.linear(g, x, w, b, y);
        ops.linearBackward(g, x, w, dy, dx, dw, db);
        double sum = operands.dot(dy, y, g.rows() * g.out()) - operands.dot(db, b, g.out());
        double scale = Math.sqrt(flop); // of a sum of so many random products
        operands.requireClose("backwardData", sum, operands.dot(dx, x, g.rows() * g.in()), scale);
        operands.requireClose("backwardWeights", sum, operands.dot(dw, w, g.in() * g.out()), scale);
    }

    @Benchmark
    public void forward(Timing timing) {
        time(timing, flop, bytes, () -> ops.linear(g, x, w, b, y));
    }

    @Benchmark
    public void backwardData(Timing timing) {
        time(timing, flop, bytes, () -> ops.linearBackward(g, x, w, dy, dx, null, null));
    }

    @Benchmark
    public void backwardWeights(Timing timing) {
        time(timing, flop, bytes, () -> ops.linearBackward(g, x, w, dy, null, dw, db));
    }

    /** What a training step asks for. */
    @Benchmark
    public void backward(Timing timing) {
        time(timing, 2 * flop, 2 * bytes, () -> ops.linearBackward(g, x, w, dy, dx, dw, db));
    }
}
