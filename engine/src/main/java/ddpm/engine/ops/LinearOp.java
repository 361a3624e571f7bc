package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Matmul;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = x w^T + b over the last extent: x [..,in], w [out,in], b [out], y [..,out]. Keeps x and w. */
public record LinearOp(Tensor x, Tensor w, Tensor b) implements Op {
    public static Tensor apply(Tensor x, Tensor w, Tensor b) {
        Check.operands("linear", x, w, b);
        Check.atLeastRank1("linear", x);
        Check.atLeastRank1("linear", w);
        long in = x.shape().dim(-1);
        long out = w.shape().dim(0);
        Check.shape("linear", x, "w", w, out, in);
        Check.shape("linear", x, "b", b, out);
        Tensor y = x.scope().allocate(x.shape().withLast(out), DType.F32, Check.anyRequiresGrad(x, w, b));
        Matmul g = new Matmul(x.count() / in, in, out, false, true);
        x.backend().matmul().matmulBias(g, x.buffer(), w.buffer(), b.buffer(), y.buffer());
        return Tape.record(new LinearOp(x, w, b), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(x, w);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        MatmulOps ops = dy.backend().matmul();
        long in = w.shape().dim(1);
        long out = w.shape().dim(0);
        long rows = dy.count() / out;
        if (into.wants(w)) {
            Tensor dw = into.like(w);
            ops.matmul(new Matmul(out, rows, in, true, false), dy.buffer(), x.buffer(), dw.buffer());
            into.add(w, dw);
        }
        if (into.wants(b)) {
            Tensor db = into.like(b);
            ops.sumRows(rows, out, dy.buffer(), db.buffer());
            into.add(b, db);
        }
        if (into.wants(x)) {
            Tensor dx = into.like(x);
            ops.matmul(new Matmul(rows, out, in, false, false), dy.buffer(), w.buffer(), dx.buffer());
            into.add(x, dx);
        }
    }
}
