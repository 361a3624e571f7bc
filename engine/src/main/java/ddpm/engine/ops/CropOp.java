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

/** y = x without the given rows and columns at its sides. Keeps nothing; its backward is {@link PadOp}'s forward. */
public record CropOp(Padding padding, Tensor x) implements Op {
    public static Tensor apply(Tensor x, Padding padding) {
        Check.operands("crop", x);
        PadOp.requireNotNegative("crop", padding);
        Nhwc g = x.nhwc("crop");
        Nhwc inside = padding.cropped(g);
        if (inside.h() <= 0 || inside.w() <= 0) {
            throw new TensorException("crop: " + padding + " leaves nothing of x=" + x.shape());
        }
        Tensor y = x.scope().allocate(Shape.of(inside), DType.F32, x.requiresGrad());
        x.backend().layout().crop(g, padding, x.buffer(), y.buffer());
        return Tape.record(new CropOp(padding, x), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().layout().pad(dy.nhwc("crop"), padding, dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
