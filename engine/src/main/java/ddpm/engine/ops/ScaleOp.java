package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = factor * x. Keeps nothing. */
public record ScaleOp(Tensor x, float factor) implements Op {
    public static Tensor apply(Tensor x, float factor) {
        Check.operands("scale", x);
        Tensor y = x.scope().allocate(x.shape(), DType.F32, x.requiresGrad());
        x.backend().elementwise().scale(x.count(), factor, x.buffer(), y.buffer());
        return Tape.record(new ScaleOp(x, factor), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().elementwise().scale(x.count(), factor, dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
