package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = a + b, equal shapes. Keeps nothing. */
public record AddOp(Tensor a, Tensor b) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Check.pair("add", a, b);
        Tensor y = a.scope().allocate(a.shape(), DType.F32, Check.anyRequiresGrad(a, b));
        a.backend().elementwise().add(a.count(), a.buffer(), b.buffer(), y.buffer());
        return Tape.record(new AddOp(a, b), y);
    }

    /** As {@link #apply}, the result takes over the memory of {@code a}. */
    public static Tensor applyInPlace(Tensor a, Tensor b) {
        Check.pair("add", a, b);
        Check.inPlace("addInPlace", a);
        a.backend().elementwise().add(a.count(), a.buffer(), b.buffer(), a.buffer());
        return Tape.record(new AddOp(a, b), a.scope().takeOver(a, Check.anyRequiresGrad(a, b)));
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        into.share(a, dy);
        into.share(b, dy);
    }
}
