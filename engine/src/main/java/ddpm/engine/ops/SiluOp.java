package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = x * sigmoid(x). Keeps x. Elfwing et al. 2017, equation 3. */
public record SiluOp(Tensor x) implements Op {
    public static Tensor apply(Tensor x) {
        Check.operands("silu", x);
        Tensor y = x.scope().allocate(x.shape(), DType.F32, x.requiresGrad());
        x.backend().elementwise().silu(x.count(), x.buffer(), y.buffer());
        return Tape.record(new SiluOp(x), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(x);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().elementwise().siluBackward(x.count(), x.buffer(), dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
