package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/**
 * loss = mean over rows of -log softmax(x)[label], a scalar, as torch.nn.CrossEntropyLoss. Keeps x, the labels and a number for each
 * row.
 */
public record CrossEntropyOp(Tensor x, Tensor label, Tensor logSum) implements Op {
    /** @param x [..,classes], one row for each label @param label I32 [rows], each 0 .. classes - 1 */
    public static Tensor apply(Tensor x, Tensor label) {
        Check.operands("crossEntropy", x);
        Check.atLeastRank1("crossEntropy", x);
        long classes = x.shape().dim(-1);
        long rows = x.count() / classes;
        if (label.dtype() != DType.I32 || !label.shape().equals(Shape.of(rows))) {
            throw new TensorException("crossEntropy: with x=" + x.shape() + " the labels must be I32 [" + rows
                    + "], got " + label.dtype() + " " + label.shape());
        }
        if (label.backend() != x.backend()) {
            throw new TensorException(
                    "crossEntropy: labels on " + label.backend().name() + ", x=" + x.shape() + " on "
                            + x.backend().name() + "; make them in one scope");
        }
        Tensor logSum = x.scope().empty(Shape.of(rows));
        Tensor perRow = x.scope().empty(Shape.of(rows));
        Tensor loss = x.scope().allocate(Shape.of(), DType.F32, x.requiresGrad());
        x.backend().loss().crossEntropy(rows, classes, x.buffer(), label.buffer(), logSum.buffer(), perRow.buffer());
        x.backend().loss().sum(rows, 1f / rows, perRow.buffer(), loss.buffer());
        perRow.discard();
        return Tape.record(new CrossEntropyOp(x, label, logSum), loss);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(x, label);
    }

    @Override
    public List<Tensor> saved() {
        return List.of(logSum);
    }

    @Override
    public void backward(Tensor dloss, Gradients into) {
        Tensor dx = into.like(x);
        dloss.backend()
                .loss()
                .crossEntropyBackward(
                        logSum.count(),
                        x.shape().dim(-1),
                        x.buffer(),
                        label.buffer(),
                        logSum.buffer(),
                        dloss.buffer(),
                        dx.buffer());
        into.add(x, dx);
    }
}
