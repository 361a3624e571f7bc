package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/**
 * y = a / b, element by element, b of the shape of a, or [N,C] or [C] for all pixels of a [N,..,C]. Keeps b and y, as db = -dy y / b,
 * summed over what b lay on.
 */
public record DivOp(Spread spread, Tensor a, Tensor b, Tensor y) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Spread spread = Spread.of("div", a, b);
        Tensor y = a.scope().allocate(a.shape(), DType.F32, Check.anyRequiresGrad(a, b));
        spread.combine(Pair.DIVIDE, a, b, y);
        return Tape.record(new DivOp(spread, a, b, y), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(b, y);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor da = into.like(a);
        spread.combine(Pair.DIVIDE, dy, b, da);
        if (into.wants(b)) {
            Tensor db = into.like(b);
            spread.sumProducts(da, y, db);
            dy.backend().elementwise().scale(b.count(), -1, db.buffer(), db.buffer());
            into.add(b, db);
        }
        into.add(a, da);
    }
}
