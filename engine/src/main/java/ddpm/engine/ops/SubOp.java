package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = a - b, equal shapes. Keeps nothing. */
public record SubOp(Tensor a, Tensor b) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Check.pair("sub", a, b);
        Tensor y = a.scope().allocate(a.shape(), DType.F32, Check.anyRequiresGrad(a, b));
        a.backend().elementwise().combine(Pair.SUBTRACT, a.count(), a.buffer(), b.buffer(), y.buffer());
        return Tape.record(new SubOp(a, b), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        into.share(a, dy);
        if (into.wants(b)) {
            Tensor db = into.like(b);
            dy.backend().elementwise().scale(b.count(), -1, dy.buffer(), db.buffer());
            into.add(b, db);
        }
    }
}
