package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/**
 * y = a, b and c one after the other, [R,..] each, [3R,..] together: separate projections of queries, keys and values as the one
 * that {@link AttentionOp} begins with. Keeps nothing.
 */
public record StackOp(Tensor a, Tensor b, Tensor c) implements Op {
    public static Tensor apply(Tensor a, Tensor b, Tensor c) {
        Check.operands("stack", a, b, c);
        Check.atLeastRank1("stack", a);
        Check.sameShape("stack", a, b);
        Check.sameShape("stack", a, c);
        long[] extents = a.shape().toArray();
        extents[0] *= 3;
        Tensor y = a.scope().allocate(Shape.of(extents), DType.F32, Check.anyRequiresGrad(a, b, c));
        a.backend().layout().stack(a.count(), a.buffer(), b.buffer(), c.buffer(), y.buffer());
        return Tape.record(new StackOp(a, b, c), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor da = into.like(a);
        Tensor db = into.like(b);
        Tensor dc = into.like(c);
        dy.backend().layout().unstack(a.count(), dy.buffer(), da.buffer(), db.buffer(), dc.buffer());
        into.add(a, da);
        into.add(b, db);
        into.add(c, dc);
    }
}
