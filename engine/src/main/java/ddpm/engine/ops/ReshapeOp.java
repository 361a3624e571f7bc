package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/**
 * The same values in the same order with other extents. Nothing is copied, not in the backward either: result and {@code x} see one
 * memory, which lives as long as either does. Keeps nothing.
 */
public record ReshapeOp(Tensor x) implements Op {
    public static Tensor apply(Tensor x, Shape shape) {
        Check.heard("reshape", x);
        if (x.count() != shape.count()) {
            throw new TensorException("reshape: " + shape + " holds " + shape.count() + " values, x=" + x.shape()
                    + " has " + x.count() + "; choose extents whose product is that");
        }
        return Tape.record(new ReshapeOp(x), x.scope().view(x, shape, x.requiresGrad()));
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        into.add(x, dy.scope().view(dy, x.shape(), false));
    }
}
