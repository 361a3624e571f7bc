package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = a - b, b of the shape of a, or [N,C] or [C] for all pixels of a [N,..,C]. Keeps nothing. */
public record SubOp(Spread spread, Tensor a, Tensor b) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Spread spread = Spread.of("sub", a, b);
        Tensor y = a.scope().allocate(a.shape(), DType.F32, Check.anyRequiresGrad(a, b));
        spread.combine(Pair.SUBTRACT, a, b, y);
        return Tape.record(new SubOp(spread, a, b), y);
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
            Tensor summed = dy;
            if (!spread.whole()) {
                spread.sum(dy, db);
                summed = db;
            }
            dy.backend().elementwise().scale(b.count(), -1, summed.buffer(), db.buffer());
            into.add(b, db);
        }
    }
}
