package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Conv2dSpec;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Convolutions of the mnist preset: 3x3 at each level, 1x1 beside a residual unit, 4x4 that halves height and width. */
public class ConvBench extends OpBench {
    /** Input, channels of the result, window. */
    @Param({
        "64x28x28x32:64:3",
        "64x28x28x64:64:3",
        "64x28x28x64:16:3",
        "64x14x14x128:128:3",
        "64x7x7x256:256:3",
        "64x28x28x64:16:1",
        "64x28x28x64:64:4"
    })
    String conv;

    private ConvOps ops;
    private Conv2dSpec g;
    private Buffer x;
    private Buffer w;
    private Buffer b;
    private Buffer y;
    private Buffer dy;
    private Buffer dx;
    private Buffer dw;
    private Buffer db;
    private long weights;
    private double flop;
    private double bytes;

    @Override
    void prepare(Operands operands) {
        ops = operands.backend().conv();
        String[] parts = conv.split(":");
        Nhwc in = Operands.nhwc(parts[0]);
        long out = Long.parseLong(parts[1]);
        int k = Integer.parseInt(parts[2]);
        g = new Conv2dSpec(in, out, Hw.square(k), Hw.square(k == 4 ? 2 : 1), Hw.square(k == 1 ? 0 : 1));
        weights = out * k * k * in.c();
        x = operands.random(in.count());
        w = operands.random(weights);
        b = operands.random(out);
        y = operands.empty(g.y().count());
        dy = operands.random(g.y().count());
        dx = operands.empty(in.count());
        dw = operands.empty(weights);
        db = operands.empty(out);
        flop = 2.0 * g.y().count() * k * k * in.c();
        bytes = 4.0 * (in.count() + g.y().count() + weights);
    }

    /** The three are adjoint: the sum of dy * (y - b) is that of dx * x and that of dw * w. */
    @Override
    void check(Operands operands) {
        ops.conv2d(g, x, w, b, y);
        ops.conv2dBackwardData(g, dy, w, dx);
        ops.conv2dBackwardWeights(g, x, dy, dw, db);
        double sum = operands.dot(dy, y, g.y().count()) - operands.dot(db, b, g.outChannels());
        double scale = Math.sqrt(flop); // of a sum of so many random products
        operands.requireClose("conv2dBackwardData", sum, operands.dot(dx, x, g.x().count()), scale);
        operands.requireClose("conv2dBackwardWeights", sum, operands.dot(dw, w, weights), scale);
    }

    @Benchmark
    public void forward(Timing timing) {
        time(timing, flop, bytes, () -> ops.conv2d(g, x, w, b, y));
    }

    @Benchmark
    public void backwardData(Timing timing) {
        time(timing, flop, bytes, () -> ops.conv2dBackwardData(g, dy, w, dx));
    }

    @Benchmark
    public void backwardWeights(Timing timing) {
        time(timing, flop, bytes, () -> ops.conv2dBackwardWeights(g, x, dy, dw, db));
    }
}
