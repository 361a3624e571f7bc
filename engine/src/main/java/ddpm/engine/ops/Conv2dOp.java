package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Precision;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/**
 * y = conv(x, w) + b over [N,H,W,Cin] with w [Cout,kh,kw,Cin]; cross-correlation, zeros outside, as
 * torch.nn.functional.conv2d. x may be stored as the backend's operands are. Keeps x and w.
 */
public record Conv2dOp(ConvSpec geometry, Tensor x, Tensor w, Tensor b) implements Op {
    public static Tensor apply(Tensor x, Tensor w, Tensor b, Hw stride, Hw padding) {
        Precision operand = Check.operand("conv2d", x, w, b);
        Check.window("conv2d", stride, padding);
        Nhwc in = x.nhwc("conv2d");
        Nhwc kernel = w.nhwc("conv2d"); // [Cout,kh,kw,Cin]
        Check.shape("conv2d", x, "w", w, kernel.n(), kernel.h(), kernel.w(), in.c());
        Check.shape("conv2d", x, "b", b, kernel.n());
        ConvSpec g = ConvSpec.conv2d(in, kernel.n(), new Hw(kernel.h(), kernel.w()), stride, padding)
                .storedAs(operand);
        if (g.y().h() <= 0 || g.y().w() <= 0) {
            throw new TensorException("conv2d: kernel " + g.kernel() + " does not fit into x=" + x.shape()
                    + " padded by " + padding + "; use a larger image or more padding");
        }
        Tensor y = x.scope().allocate(Shape.of(g.y()), DType.F32, Check.anyRequiresGrad(x, w, b));
        x.backend().conv().conv2d(g, x.buffer(), w.buffer(), b.buffer(), y.buffer());
        return Tape.record(new Conv2dOp(g, x, w, b), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(x, w);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        ConvOps conv = dy.backend().conv();
        if (into.wants(x) && into.wants(w) && into.wants(b)) {
            Tensor dx = into.like(x);
            Tensor dw = into.like(w);
            Tensor db = into.like(b);
            conv.conv2dBackward(geometry, x.buffer(), dy.buffer(), w.buffer(), dx.buffer(), dw.buffer(), db.buffer());
            into.add(w, dw);
            into.add(b, db);
            into.add(x, dx);
            return;
        }
        if (into.wants(w) || into.wants(b)) {
            Tensor dw = into.like(w);
            Tensor db = into.like(b);
            conv.conv2dBackwardWeights(geometry, x.buffer(), dy.buffer(), dw.buffer(), db.buffer());
            into.add(w, dw);
            into.add(b, db);
        }
        if (into.wants(x)) {
            Tensor dx = into.like(x);
            conv.conv2dBackwardData(geometry, dy.buffer(), w.buffer(), dx.buffer());
            into.add(x, dx);
        }
    }
}
