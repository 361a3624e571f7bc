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
 * y[n,i,j,c] = the largest of a window of x, as torch.nn.functional.max_pool2d without padding: windows that leave the image do
 * not count. Keeps a byte for each element of y, which says where its gradient goes: of equals, to the first.
 */
public record MaxPool2dOp(Pool geometry, Tensor x, Tensor place) implements Op {
    /** @param window of {@link Pool#MOST_PLACES} pixels at most */
    public static Tensor apply(Tensor x, Hw window, Hw stride) {
        Pool g = Check.pool("maxPool2d", x, window, stride);
        Check.places("maxPool2d", g);
        Tensor y = x.scope().allocate(Shape.of(g.y()), DType.F32, x.requiresGrad());
        Tensor place = x.scope().allocate(Shape.of(g.y()), DType.U8, false);
        x.backend().pool().max(g, x.buffer(), y.buffer(), place.buffer());
        return Tape.record(new MaxPool2dOp(g, x, place), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(place);
    }

    @Override
    public List<Tensor> saved() {
        return List.of(place);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().pool().maxBackward(geometry, place.buffer(), dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
