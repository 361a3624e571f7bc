package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.PoolOps.Pool;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/**
 * y[n,i,j,c] = the mean of a window of x, as torch.nn.functional.avg_pool2d without padding: windows that leave the image do
 * not count. Keeps nothing.
 */
public record AvgPool2dOp(Pool geometry, Tensor x) implements Op {
    public static Tensor apply(Tensor x, Hw window, Hw stride) {
        Pool g = Check.pool("avgPool2d", x, window, stride);
        Tensor y = x.scope().allocate(Shape.of(g.y()), DType.F32, x.requiresGrad());
        x.backend().pool().mean(g, x.buffer(), y.buffer());
        return Tape.record(new AvgPool2dOp(g, x), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().pool().meanBackward(geometry, dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
