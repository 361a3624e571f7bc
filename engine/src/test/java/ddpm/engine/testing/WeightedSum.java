package ddpm.engine.testing;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** L = sum(y * r) for a fixed r: the loss whose gradient with respect to y is r. Its own value is not computed. */
record WeightedSum(Tensor y, Tensor r) implements Op {
    static Tensor of(Tensor y, Tensor r) {
        Tensor loss = y.scope().allocate(Shape.of(), DType.F32, y.requiresGrad());
        return Tape.record(new WeightedSum(y, r), loss);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(r);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor d = into.like(y);
        y.backend().memory().copy(y.count() * Float.BYTES, r.buffer(), d.buffer());
        into.add(y, d);
    }
}
