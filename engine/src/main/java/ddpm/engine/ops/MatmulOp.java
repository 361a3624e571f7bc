package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/** y = a b with a [M,K] and b [K,N]. Keeps both. */
public record MatmulOp(Tensor a, Tensor b) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Check.operands("matmul", a, b);
        if (a.shape().rank() != 2
                || b.shape().rank() != 2
                || a.shape().dim(1) != b.shape().dim(0)) {
            throw new TensorException("matmul: needs [M,K] and [K,N], got " + a.shape() + " and " + b.shape()
                    + "; the inner extents must agree");
        }
        Matmul g = new Matmul(a.shape().dim(0), a.shape().dim(1), b.shape().dim(1), false, false);
        Tensor y = a.scope().allocate(Shape.of(g.m(), g.n()), DType.F32, Check.anyRequiresGrad(a, b));
        a.backend().matmul().matmul(g, a.buffer(), b.buffer(), y.buffer());
        return Tape.record(new MatmulOp(a, b), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(a, b);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        long m = a.shape().dim(0);
        long k = a.shape().dim(1);
        long n = b.shape().dim(1);
        if (into.wants(a)) {
            Tensor da = into.like(a);
            dy.backend().matmul().matmul(new Matmul(m, n, k, false, true), dy.buffer(), b.buffer(), da.buffer());
            into.add(a, da);
        }
        if (into.wants(b)) {
            Tensor db = into.like(b);
            dy.backend().matmul().matmul(new Matmul(k, m, n, true, false), a.buffer(), dy.buffer(), db.buffer());
            into.add(b, db);
        }
    }
}
