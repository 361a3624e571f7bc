package ddpm.engine.ops;

import ddpm.engine.backend.LabelOps.Guide;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/** The two ends of classifier-free guidance: one batch becomes two, two outputs one. Not differentiable. */
public final class Guidance {
    private Guidance() {}

    /** x followed by x: [2N,H,W,C] of images, [2N] of their times. */
    public static Tensor twice(Tensor x) {
        Check.operands("twice", x);
        Check.atLeastRank1("twice", x);
        long[] extents = x.shape().toArray();
        extents[0] *= 2;
        Tensor y = x.scope().empty(Shape.of(extents));
        x.backend().label().twice(x.count(), x.buffer(), y.buffer());
        return y;
    }

    /**
     * One output of two, [N,H,W,C], see {@link ddpm.engine.backend.LabelOps#guide}.
     *
     * @param f [2N,H,W,C]: with the condition, then without
     */
    public static Tensor of(Guide g, Tensor f) {
        Check.operands("guidance", f);
        Nhwc out = g.output();
        if (!f.shape().equals(Shape.of(out.withN(2 * out.n())))) {
            throw new TensorException(
                    "guidance: needs two outputs of " + Shape.of(out) + ", one behind the other, got " + f.shape());
        }
        if (g.channels() < 1 || g.channels() > out.c()) {
            throw new TensorException("guidance: channels=" + g.channels() + " of C=" + out.c() + "; choose 1 to C");
        }
        Tensor y = f.scope().empty(Shape.of(out));
        Tensor factor = g.rescale() == 0 ? null : f.scope().empty(Shape.of(out.n()));
        f.backend().label().guide(g, f.buffer(), factor == null ? null : factor.buffer(), y.buffer());
        if (factor != null) {
            factor.discard();
        }
        return y;
    }
}
