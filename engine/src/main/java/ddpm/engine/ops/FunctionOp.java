package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.ElementwiseOps.Function;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;
import java.util.Locale;

/** y = f(x), element by element. Keeps x. */
public record FunctionOp(Function function, Tensor x) implements Op {
    public static Tensor apply(Function function, Tensor x) {
        Check.operands(function.name().toLowerCase(Locale.ROOT), x);
        Tensor y = x.scope().allocate(x.shape(), DType.F32, x.requiresGrad());
        x.backend().elementwise().apply(function, x.count(), x.buffer(), y.buffer());
        return Tape.record(new FunctionOp(function, x), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(x);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().elementwise().applyBackward(function, x.count(), x.buffer(), dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
