package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y[n,h,w,c] = x[n,h,w,c] + gate[n,c] * b[n,h,w,c]: a branch whose share a condition sets. Keeps b and gate. Peebles &amp; Xie 2023. */
public record AddGatedOp(Tensor x, Tensor b, Tensor gate) implements Op {
    public static Tensor apply(Tensor x, Tensor b, Tensor gate) {
        Check.operands("addGated", x, b, gate);
        Check.sameShape("addGated", x, b);
        Nhwc g = x.nhwc("addGated");
        Check.shape("addGated", x, "gate", gate, g.n(), g.c());
        Tensor y = x.scope().allocate(x.shape(), DType.F32, Check.anyRequiresGrad(x, b, gate));
        x.backend().elementwise().addGated(g, x.buffer(), b.buffer(), gate.buffer(), y.buffer());
        return Tape.record(new AddGatedOp(x, b, gate), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(b, gate);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor db = into.like(b);
        Tensor dgate = into.like(gate);
        dy.backend()
                .elementwise()
                .addGatedBackward(
                        b.nhwc("addGated"), b.buffer(), gate.buffer(), dy.buffer(), db.buffer(), dgate.buffer());
        into.add(b, db);
        into.add(gate, dgate);
        into.share(x, dy);
    }
}
