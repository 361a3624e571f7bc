package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.Nhwc;
import org.openjdk.jmh.annotations.Benchmark;

/** The three passes of a convolution, transposed or not, of any one geometry. */
public abstract class ConvPassesBench extends OpBench {
    ConvOps ops;
    Buffer in;
    Buffer w;
    Buffer b;
    Buffer y;
    Buffer dy;
    Buffer dx;
    Buffer dw;
    Buffer db;
    private String name;
    private Nhwc input;
    private Nhwc output;
    private long weights;
    private double flop;
    private double bytes;

    /**
     * Makes the operands.
     *
     * @param name of the forward among those of {@link ConvOps}
     * @param products in each pass
     */
    final void prepare(Operands operands, String name, Nhwc input, Nhwc output, long weights, double products) {
        this.name = name;
        this.input = input;
        this.output = output;
        this.weights = weights;
        ops = operands.backend().conv();
        in = operands.random(input.count());
        w = operands.random(weights);
        b = operands.random(output.c());
        y = operands.empty(output.count());
        dy = operands.random(output.count());
        dx = operands.empty(input.count());
        dw = operands.empty(weights);
        db = operands.empty(output.c());
        flop = 2 * products;
        bytes = 4.0 * (input.count() + output.count() + weights);
    }

    /** y from in, w, b. */
    abstract void pass();

    /** dx from dy, w. */
    abstract void passBackwardData();

    /** dw, db from in, dy. */
    abstract void passBackwardWeights();

    /** The three are adjoint: the sum of dy * (y - b) is that of dx * in and that of dw * w. */
    @Override
    final void check(Operands operands) {
        pass();
        passBackwardData();
        passBackwardWeights();
        double sum = operands.dot(dy, y, output.count()) - operands.dot(db, b, output.c());
        double scale = Math.sqrt(flop); // of a sum of so many random products
        operands.requireClose(name + "BackwardData", sum, operands.dot(dx, in, input.count()), scale);
        operands.requireClose(name + "BackwardWeights", sum, operands.dot(dw, w, weights), scale);
    }

    @Benchmark
    public void forward(Timing timing) {
        time(timing, flop, bytes, this::pass);
    }

    @Benchmark
    public void backwardData(Timing timing) {
        time(timing, flop, bytes, this::passBackwardData);
    }

    @Benchmark
    public void backwardWeights(Timing timing) {
        time(timing, flop, bytes, this::passBackwardWeights);
    }
}
