package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MatmulOps.Linear;
import ddpm.engine.backend.Precision;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/**
 * y = x w^T + b over the last extent: x [..,in], w [out,in], b [out], y [..,out]. x may be stored as the backend's operands
 * are. Keeps x and w.
 */
public record LinearOp(Linear geometry, Tensor x, Tensor w, Tensor b) implements Op {
    public static Tensor apply(Tensor x, Tensor w, Tensor b) {
        return apply(x, w, b, Check.operand("linear", x, w, b), Precision.FP32);
    }

    /** For attention alone: stored as x is. */
    public static Tensor operand(Tensor x, Tensor w, Tensor b) {
        Precision stored = Check.operand("linear", x, w, b);
        return apply(x, w, b, stored, stored);
    }

    private static Tensor apply(Tensor x, Tensor w, Tensor b, Precision stored, Precision result) {
        Check.atLeastRank1("linear", x);
        Check.atLeastRank1("linear", w);
        long in = x.shape().dim(-1);
        long out = w.shape().dim(0);
        Check.shape("linear", x, "w", w, out, in);
        Check.shape("linear", x, "b", b, out);
        Linear g = new Linear(x.count() / in, in, out, stored, result);
        Tensor y = x.scope().allocate(x.shape().withLast(out), Check.stored(result), Check.anyRequiresGrad(x, w, b));
        x.backend().matmul().linear(g, x.buffer(), w.buffer(), b.buffer(), y.buffer());
        return Tape.record(new LinearOp(g, x, w, b), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(x, w);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dw = into.wants(w) ? into.like(w) : null;
        Tensor db = into.wants(b) ? into.like(b) : null;
        Tensor dx = into.wants(x) ? into.like(x) : null;
        dy.backend()
                .matmul()
                .linearBackward(geometry, x.buffer(), w.buffer(), dy.buffer(), buffer(dx), buffer(dw), buffer(db));
        if (dw != null) {
            into.add(w, dw);
        }
        if (db != null) {
            into.add(b, db);
        }
        if (dx != null) {
            into.add(x, dx);
        }
    }

    private static Buffer buffer(Tensor t) {
        return t == null ? null : t.buffer();
    }
}
