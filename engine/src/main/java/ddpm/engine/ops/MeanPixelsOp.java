package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.PoolOps.Pool;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/**
 * y[n,c] = the mean of x[n,h,w,c] over h and w, [N,H,W,C] to [N,C]: the average pool whose window is the image, whose backward it
 * has; the sum of so many is made by {@code sumPixels}, which shares it among threads. Keeps nothing.
 */
public record MeanPixelsOp(Pool geometry, Tensor x) implements Op {
    public static Tensor apply(Tensor x) {
        Check.operands("meanPixels", x);
        Nhwc e = x.nhwc("meanPixels");
        Pool g = new Pool(e, new Hw(e.h(), e.w()), Hw.square(1));
        Tensor y = x.scope().allocate(Shape.of(e.n(), e.c()), DType.F32, x.requiresGrad());
        x.backend().elementwise().sumPixels(e, x.buffer(), y.buffer());
        x.backend().elementwise().scale(y.count(), g.share(), y.buffer(), y.buffer());
        return Tape.record(new MeanPixelsOp(g, x), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().pool().meanBackward(geometry, dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
