package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.Arrays;
import java.util.List;

/** y = a b with a [M,K] and b [K,N], or of each matrix of a batch: a [..,M,K], b [..,K,N]. Keeps both. */
public record MatmulOp(Tensor a, Tensor b) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Check.operands("matmul", a, b);
        int rank = a.shape().rank();
        if (rank < 2
                || b.shape().rank() != rank
                || a.shape().dim(-1) != b.shape().dim(-2)) {
            throw new TensorException("matmul: needs [M,K] and [K,N], or a batch of them, got " + a.shape() + " and "
                    + b.shape() + "; the inner extents must agree");
        }
        if (!Arrays.equals(batch(a), batch(b))) {
            throw new TensorException("matmul: batches differ, " + a.shape() + " and " + b.shape()
                    + "; all extents but the last two must agree");
        }
        Matmul g = new Matmul(a.shape().dim(-2), a.shape().dim(-1), b.shape().dim(-1), false, false);
        long[] extents = a.shape().toArray();
        extents[rank - 1] = g.n();
        Tensor y = a.scope().allocate(Shape.of(extents), DType.F32, Check.anyRequiresGrad(a, b));
        multiply(g, a, b, y);
        return Tape.record(new MatmulOp(a, b), y);
    }

    private static long[] batch(Tensor x) {
        return Arrays.copyOf(x.shape().toArray(), x.shape().rank() - 2);
    }

    private static void multiply(Matmul g, Tensor a, Tensor b, Tensor y) {
        if (y.shape().rank() == 2) {
            y.backend().matmul().matmul(g, a.buffer(), b.buffer(), y.buffer());
        } else {
            long batch = y.count() / (g.m() * g.n());
            y.backend().matmul().batchedMatmul(batch, g, a.buffer(), b.buffer(), y.buffer());
        }
    }

    @Override
    public List<Tensor> reads() {
        return List.of(a, b);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        long m = a.shape().dim(-2);
        long k = a.shape().dim(-1);
        long n = b.shape().dim(-1);
        if (into.wants(a)) {
            Tensor da = into.like(a);
            multiply(new Matmul(m, n, k, false, true), dy, b, da);
            into.add(a, da);
        }
        if (into.wants(b)) {
            Tensor db = into.like(b);
            multiply(new Matmul(k, m, n, true, false), a, dy, db);
            into.add(b, db);
        }
    }
}
