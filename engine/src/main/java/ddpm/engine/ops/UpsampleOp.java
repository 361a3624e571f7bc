package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y[n,2h+i,2w+j,c] = x[n,h,w,c] for i, j of 0 and 1: nearest neighbours, as torch.nn.functional.interpolate. Keeps nothing. */
public record UpsampleOp(Tensor x) implements Op {
    public static Tensor apply(Tensor x) {
        Check.operands("upsample", x);
        Nhwc g = x.nhwc("upsample");
        Tensor y = x.scope().allocate(Shape.of(g.n(), 2 * g.h(), 2 * g.w(), g.c()), DType.F32, x.requiresGrad());
        x.backend().layout().upsample(g, x.buffer(), y.buffer());
        return Tape.record(new UpsampleOp(x), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().layout().upsampleBackward(x.nhwc("upsample"), dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
