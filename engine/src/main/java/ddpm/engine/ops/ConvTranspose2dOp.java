package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/**
 * Transposed convolution over [N,H,W,Cin] with w [Cin,kh,kw,Cout], as torch.nn.functional.conv_transpose2d. Keeps x and
 * w.
 */
public record ConvTranspose2dOp(ConvSpec geometry, Tensor x, Tensor w, Tensor b) implements Op {
    public static Tensor apply(Tensor x, Tensor w, Tensor b, Hw stride, Hw padding) {
        Check.operands("convTranspose2d", x, w, b);
        Check.window("convTranspose2d", stride, padding);
        Nhwc in = x.nhwc("convTranspose2d");
        Nhwc kernel = w.nhwc("convTranspose2d"); // [Cin,kh,kw,Cout]
        Check.shape("convTranspose2d", x, "w", w, in.c(), kernel.h(), kernel.w(), kernel.c());
        Check.shape("convTranspose2d", x, "b", b, kernel.c());
        ConvSpec g = ConvSpec.convTranspose2d(in, kernel.c(), new Hw(kernel.h(), kernel.w()), stride, padding);
        if (g.y().h() <= 0 || g.y().w() <= 0) {
            throw new TensorException("convTranspose2d: padding " + padding + " cuts away the whole result of x="
                    + x.shape() + ", kernel " + g.kernel() + "; use less padding");
        }
        Tensor y = x.scope().allocate(Shape.of(g.y()), DType.F32, Check.anyRequiresGrad(x, w, b));
        x.backend().conv().conv2d(g, x.buffer(), w.buffer(), b.buffer(), y.buffer());
        return Tape.record(new ConvTranspose2dOp(g, x, w, b), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(x, w);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        if (into.wants(w) || into.wants(b)) {
            Tensor dw = into.like(w);
            Tensor db = into.like(b);
            dy.backend().conv().conv2dBackwardWeights(geometry, x.buffer(), dy.buffer(), dw.buffer(), db.buffer());
            into.add(w, dw);
            into.add(b, db);
        }
        if (into.wants(x)) {
            Tensor dx = into.like(x);
            dy.backend().conv().conv2dBackwardData(geometry, dy.buffer(), w.buffer(), dx.buffer());
            into.add(x, dx);
        }
    }
}
