package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.ElementwiseOps;
import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = a / b, element by element, equal shapes. Keeps b and y, as db = -dy y / b. */
public record DivOp(Tensor a, Tensor b, Tensor y) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Check.pair("div", a, b);
        Tensor y = a.scope().allocate(a.shape(), DType.F32, Check.anyRequiresGrad(a, b));
        a.backend().elementwise().combine(Pair.DIVIDE, a.count(), a.buffer(), b.buffer(), y.buffer());
        return Tape.record(new DivOp(a, b, y), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(b, y);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        ElementwiseOps ops = dy.backend().elementwise();
        Tensor da = into.like(a);
        ops.combine(Pair.DIVIDE, a.count(), dy.buffer(), b.buffer(), da.buffer());
        if (into.wants(b)) {
            Tensor db = into.like(b);
            ops.combine(Pair.MULTIPLY, b.count(), da.buffer(), y.buffer(), db.buffer());
            ops.scale(b.count(), -1, db.buffer(), db.buffer());
            into.add(b, db);
        }
        into.add(a, da);
    }
}
