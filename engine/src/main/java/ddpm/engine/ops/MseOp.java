package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** loss = mean((pred - target)^2), a scalar. Keeps both. Ho et al. 2020, equation 14 with pred = predicted eps. */
public record MseOp(Tensor pred, Tensor target) implements Op {
    public static Tensor apply(Tensor pred, Tensor target) {
        Check.operands("mse", pred, target);
        Check.sameShape("mse", pred, target);
        Tensor loss = pred.scope().allocate(Shape.of(), DType.F32, Check.anyRequiresGrad(pred, target));
        pred.backend().loss().mse(pred.count(), pred.buffer(), target.buffer(), loss.buffer());
        return Tape.record(new MseOp(pred, target), loss);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(pred, target);
    }

    @Override
    public void backward(Tensor dloss, Gradients into) {
        gradient(pred, target, dloss, into);
        gradient(target, pred, dloss, into); // the loss is symmetric
    }

    private static void gradient(Tensor of, Tensor other, Tensor dloss, Gradients into) {
        if (into.wants(of)) {
            Tensor d = into.like(of);
            of.backend().loss().mseBackward(of.count(), of.buffer(), other.buffer(), dloss.buffer(), d.buffer());
            into.add(of, d);
        }
    }
}
