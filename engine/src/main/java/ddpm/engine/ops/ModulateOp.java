package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y[n,h,w,c] = x[n,h,w,c] * (1 + e[n,c]) + e[n,C+c]: a condition scales and shifts channels. Keeps x and e. Perez et al. 2018. */
public record ModulateOp(Tensor x, Tensor e) implements Op {
    public static Tensor apply(Tensor x, Tensor e) {
        Check.operands("modulate", x, e);
        Nhwc g = x.nhwc("modulate");
        Check.shape("modulate", x, "e", e, g.n(), 2 * g.c());
        Tensor y = x.scope().allocate(x.shape(), DType.F32, Check.anyRequiresGrad(x, e));
        x.backend().elementwise().modulate(g, x.buffer(), e.buffer(), y.buffer());
        return Tape.record(new ModulateOp(x, e), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(x, e);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        Tensor de = into.like(e);
        dy.backend()
                .elementwise()
                .modulateBackward(x.nhwc("modulate"), x.buffer(), e.buffer(), dy.buffer(), dx.buffer(), de.buffer());
        into.add(e, de);
        into.add(x, dx);
    }
}
