package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = a * b, element by element, equal shapes. Keeps both. */
public record MulOp(Tensor a, Tensor b) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Check.pair("mul", a, b);
        Tensor y = a.scope().allocate(a.shape(), DType.F32, Check.anyRequiresGrad(a, b));
        a.backend().elementwise().combine(Pair.MULTIPLY, a.count(), a.buffer(), b.buffer(), y.buffer());
        return Tape.record(new MulOp(a, b), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(a, b);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        multiplied(dy, b, a, into);
        multiplied(dy, a, b, into);
    }

    private static void multiplied(Tensor dy, Tensor by, Tensor of, Gradients into) {
        if (into.wants(of)) {
            Tensor d = into.like(of);
            dy.backend().elementwise().combine(Pair.MULTIPLY, of.count(), dy.buffer(), by.buffer(), d.buffer());
            into.add(of, d);
        }
    }
}
