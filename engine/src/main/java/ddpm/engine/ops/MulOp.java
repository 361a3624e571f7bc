package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = a * b, element by element, b of the shape of a, or [N,C] or [C] for all pixels of a [N,..,C]. Keeps both. */
public record MulOp(Spread spread, Tensor a, Tensor b) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Spread spread = Spread.of("mul", a, b);
        Tensor y = a.scope().allocate(a.shape(), DType.F32, Check.anyRequiresGrad(a, b));
        spread.combine(Pair.MULTIPLY, a, b, y);
        return Tape.record(new MulOp(spread, a, b), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(a, b);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        if (into.wants(a)) {
            Tensor da = into.like(a);
            spread.combine(Pair.MULTIPLY, dy, b, da);
            into.add(a, da);
        }
        if (into.wants(b)) {
            Tensor db = into.like(b);
            spread.sumProducts(dy, a, db);
            into.add(b, db);
        }
    }
}
