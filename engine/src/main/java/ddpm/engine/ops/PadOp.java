package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/** y = x with zeros around each image. Keeps nothing; its backward is {@link CropOp}'s forward. */
public record PadOp(Padding padding, Tensor x) implements Op {
    public static Tensor apply(Tensor x, Padding padding) {
        Check.operands("pad", x);
        requireNotNegative("pad", padding);
        Nhwc g = x.nhwc("pad");
        Tensor y = x.scope().allocate(Shape.of(padding.padded(g)), DType.F32, x.requiresGrad());
        x.backend().layout().pad(g, padding, x.buffer(), y.buffer());
        return Tape.record(new PadOp(padding, x), y);
    }

    static void requireNotNegative(String op, Padding p) {
        if (p.top() < 0 || p.bottom() < 0 || p.left() < 0 || p.right() < 0) {
            throw new TensorException(op + ": needs widths of at least 0, got " + p);
        }
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().layout().crop(dy.nhwc("pad"), padding, dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
