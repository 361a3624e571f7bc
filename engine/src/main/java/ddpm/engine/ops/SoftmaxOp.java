package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y[..,k] = exp(x[..,k]) / sum over j of exp(x[..,j]): shares that add up to one along the last extent. Keeps y. */
public record SoftmaxOp(Tensor x, Tensor y) implements Op {
    public static Tensor apply(Tensor x) {
        Check.operands("softmax", x);
        Check.atLeastRank1("softmax", x);
        long length = x.shape().dim(-1);
        Tensor y = x.scope().allocate(x.shape(), DType.F32, x.requiresGrad());
        x.backend().norm().softmax(x.count() / length, length, x.buffer(), y.buffer());
        return Tape.record(new SoftmaxOp(x, y), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(y);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        long length = y.shape().dim(-1);
        Tensor dx = into.like(x);
        dy.backend().norm().softmaxBackward(y.count() / length, length, y.buffer(), dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
