package ddpm.engine.ops;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/** One step of a chain from noise to images, see {@link ddpm.engine.backend.DiffusionOps#reverse}. Not differentiable. */
public final class Reverse {
    private Reverse() {}

    /** @param next what the step leads to [N,H,W,C] @param x0 estimate of the image at the end of the chain [N,H,W,C] */
    public record Result(Tensor next, Tensor x0) {}

    /**
     * A step without slots and thresholds; the results live in the scope of {@code x}.
     *
     * @param numbers {@link ReverseStep.Numbers}, I32 [48]
     * @param f the network's output, [N,H,W,C] or, where it learned the variance, [N,H,W,2C]
     */
    public static Result apply(ReverseStep g, Tensor numbers, Tensor x, Tensor f) {
        Result result = new Result(x.scope().empty(x.shape()), x.scope().empty(x.shape()));
        into(g, numbers, x, f, null, null, result);
        return result;
    }

    /**
     * A step into memory that is there.
     *
     * @param numbers {@link ReverseStep.Numbers}, I32 [48]
     * @param f the network's output, [N,H,W,C] or, where it learned the variance, [N,H,W,2C]; anything where it did not run
     * @param slots [slots,N,H,W,C]; anything, such as null, where the step has none
     * @param limit [N], what {@link #threshold} found; anything where clipping is another
     * @param result out, of the shape of {@code x}; next may be x. x0 is left as it was where the network did not run
     */
    public static void into(
            ReverseStep g, Tensor numbers, Tensor x, Tensor f, Tensor slots, Tensor limit, Result result) {
        Check.operands("reverse", x, result.next(), result.x0());
        Check.words("reverse", ReverseStep.WORDS, numbers);
        geometry(g, x);
        Check.sameShape("reverse", x, result.next());
        Check.sameShape("reverse", x, result.x0());
        Buffer output = g.evaluates() ? output(g, x, f) : x.buffer();
        boolean limited = g.evaluates() && g.clipping() == Clipping.THRESHOLD;
        long[] all = {g.slots(), g.x().n(), g.x().h(), g.x().w(), g.x().c()};
        x.backend()
                .diffusion()
                .reverse(
                        g,
                        numbers.buffer(),
                        x.buffer(),
                        output,
                        g.slots() > 0 ? extra(x, "slots", slots, all) : null,
                        limited ? extra(x, "limit", limit, g.x().n()) : null,
                        result.next().buffer(),
                        result.x0().buffer());
    }

    /** The limits of a step's images that {@link Clipping#THRESHOLD} needs. @param limit out, [N] */
    public static void threshold(ReverseStep g, Tensor numbers, Tensor x, Tensor f, Tensor limit) {
        Check.operands("threshold", x);
        Check.words("threshold", ReverseStep.WORDS, numbers);
        geometry(g, x);
        x.backend()
                .diffusion()
                .threshold(g, numbers.buffer(), x.buffer(), output(g, x, f), extra(x, "limit", limit, g.x().n()));
    }

    /** y = inputScale * x: what the network is shown. @param y out, of the shape of {@code x}; may be x */
    public static void scale(Tensor numbers, Tensor x, Tensor y) {
        Check.operands("scale", x, y);
        Check.words("scale", ReverseStep.WORDS, numbers);
        Check.sameShape("scale", x, y);
        x.backend().diffusion().scale(x.count(), numbers.buffer(), x.buffer(), y.buffer());
    }

    private static void geometry(ReverseStep g, Tensor x) {
        if (!x.shape().equals(Shape.of(g.x()))) {
            throw new TensorException("reverse: the step is for " + Shape.of(g.x()) + ", got x=" + x.shape());
        }
    }

    private static Buffer output(ReverseStep g, Tensor x, Tensor f) {
        long channels = g.learned() ? 2 * g.x().c() : g.x().c();
        return extra(x, "f", f, g.x().n(), g.x().h(), g.x().w(), channels);
    }

    private static Buffer extra(Tensor x, String name, Tensor t, long... shape) {
        if (t == null) {
            throw new TensorException("reverse: the step needs " + name + " " + Shape.of(shape) + ", got none");
        }
        Check.operands("reverse", x, t);
        Check.shape("reverse", x, name, t, shape);
        return t.buffer();
    }
}
