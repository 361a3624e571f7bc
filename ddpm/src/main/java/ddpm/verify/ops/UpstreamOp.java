package ddpm.verify.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.VectorException;
import java.util.List;

/** The loss sum(y * dy) with a given dy: its gradient with respect to y is dy, exactly. The value is nobody's concern. */
record UpstreamOp(Tensor y, float[] dy) implements Op {
    /** Gradients of sum(y * dy). @param dy in the engine's order, as many values as {@code y} */
    static Gradients backward(Tensor y, float[] dy) {
        if (y.count() != dy.length) {
            throw new VectorException("dy has " + dy.length + " values, y " + y.shape() + " has " + y.count());
        }
        Tensor loss = y.scope().allocate(Shape.of(), DType.F32, true);
        Tape.record(new UpstreamOp(y, dy), loss);
        return y.scope().tape().backward(loss);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dloss, Gradients into) {
        Tensor gradient = into.like(y);
        gradient.backend().memory().upload(dy, gradient.buffer());
        into.add(y, gradient);
    }
}
