package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y[n,h,w,c] = x[n,h,w,c] + b[n,c]: the time projection joins an image. Keeps nothing. */
public record AddPerImageOp(Tensor x, Tensor b) implements Op {
    public static Tensor apply(Tensor x, Tensor b) {
        Nhwc g = check(x, b);
        Tensor y = x.scope().allocate(x.shape(), DType.F32, Check.anyRequiresGrad(x, b));
        x.backend().elementwise().addPerImage(g, x.buffer(), b.buffer(), y.buffer());
        return Tape.record(new AddPerImageOp(x, b), y);
    }

    /** As {@link #apply}, the result takes over the memory of {@code x}. */
    public static Tensor applyInPlace(Tensor x, Tensor b) {
        Nhwc g = check(x, b);
        Check.inPlace("addPerImageInPlace", x);
        x.backend().elementwise().addPerImage(g, x.buffer(), b.buffer(), x.buffer());
        return Tape.record(new AddPerImageOp(x, b), x.scope().takeOver(x, Check.anyRequiresGrad(x, b)));
    }

    private static Nhwc check(Tensor x, Tensor b) {
        Check.operands("addPerImage", x, b);
        Nhwc g = x.nhwc("addPerImage");
        Check.shape("addPerImage", x, "b", b, g.n(), g.c());
        return g;
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        into.share(x, dy);
        if (into.wants(b)) {
            Tensor db = into.like(b);
            dy.backend().elementwise().sumPixels(dy.nhwc("addPerImage"), dy.buffer(), db.buffer());
            into.add(b, db);
        }
    }
}
