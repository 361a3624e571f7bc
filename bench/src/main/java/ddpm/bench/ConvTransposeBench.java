package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.ConvTranspose2dSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The 4x4 transposed convolutions of the mnist preset, which double height and width and keep the channels. */
public class ConvTransposeBench extends OpBench {
    private static final int WINDOW = 4;

    @Param({"64x7x7x64", "64x14x14x32"})
    String x;

    private ConvOps ops;
    private ConvTranspose2dSpec g;
    private Buffer in;
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
        Nhwc extents = Operands.nhwc(x);
        g = new ConvTranspose2dSpec(extents, extents.c(), Hw.square(WINDOW), Hw.square(2), Hw.square(1));
        weights = extents.c() * WINDOW * WINDOW * extents.c();
        in = operands.random(extents.count());
        w = operands.random(weights);
        b = operands.random(extents.c());
        y = operands.empty(g.y().count());
        dy = operands.random(g.y().count());
        dx = operands.empty(extents.count());
        dw = operands.empty(weights);
        db = operands.empty(extents.c());
        flop = 2.0 * extents.count() * WINDOW * WINDOW * extents.c();
        bytes = 4.0 * (extents.count() + g.y().count() + weights);
    }

    /** The three are adjoint: the sum of dy * (y - b) is that of dx * x and that of dw * w. */
    @Override
    void check(Operands operands) {
        ops.convTranspose2d(g, in, w, b, y);
        ops.convTranspose2dBackwardData(g, dy, w, dx);
        ops.convTranspose2dBackwardWeights(g, in, dy, dw, db);
        double sum = operands.dot(dy, y, g.y().count()) - operands.dot(db, b, g.outChannels());
        double scale = Math.sqrt(flop); // of a sum of so many random products
        operands.requireClose("convTranspose2dBackwardData", sum, operands.dot(dx, in, g.x().count()), scale);
        operands.requireClose("convTranspose2dBackwardWeights", sum, operands.dot(dw, w, weights), scale);
    }

    @Benchmark
    public void forward(Timing timing) {
        time(timing, flop, bytes, () -> ops.convTranspose2d(g, in, w, b, y));
    }

    @Benchmark
    public void backwardData(Timing timing) {
        time(timing, flop, bytes, () -> ops.convTranspose2dBackwardData(g, dy, w, dx));
    }

    @Benchmark
    public void backwardWeights(Timing timing) {
        time(timing, flop, bytes, () -> ops.convTranspose2dBackwardWeights(g, in, dy, dw, db));
    }
}
