package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = factor * sum(x), a scalar: the sum with factor 1, the mean with factor 1/count. Keeps nothing. */
public record SumOp(Tensor x, float factor) implements Op {
    public static Tensor sum(Tensor x) {
        return apply("sum", x, 1);
    }

    public static Tensor mean(Tensor x) {
        return apply("mean", x, 1f / x.count());
    }

    private static Tensor apply(String op, Tensor x, float factor) {
        Check.operands(op, x);
        Tensor y = x.scope().allocate(Shape.of(), DType.F32, x.requiresGrad());
        x.backend().loss().sum(x.count(), factor, x.buffer(), y.buffer());
        return Tape.record(new SumOp(x, factor), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().elementwise().fill(x.count(), factor, dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
