package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.LabelOps.Labels;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/** y[i] = table[label[i]], zeros for a label of -1; as torch.nn.Embedding. Keeps the labels. */
public record EmbeddingOp(Labels geometry, Tensor label, Tensor table) implements Op {
    /** @param label I32 [N], -1 for none @param table [classes,dim] */
    public static Tensor apply(Tensor label, Tensor table) {
        Check.usableFloats("embedding", table);
        Check.heard("embedding", label, table);
        if (label.dtype() != DType.I32 || label.shape().rank() != 1) {
            throw new TensorException(
                    "embedding: needs labels I32 [N], got " + label.dtype() + " " + label.shape() + "; -1 is no label");
        }
        if (table.shape().rank() != 2) {
            throw new TensorException("embedding: needs a table [classes,dim], got " + table.shape());
        }
        if (label.backend() != table.backend()) {
            throw new TensorException("embedding: labels " + label.shape() + " on "
                    + label.backend().name() + ", the table " + table.shape() + " on "
                    + table.backend().name() + "; move one with toFloats and Scope.tensor");
        }
        Labels g = new Labels(label.count(), table.shape().dim(0), table.shape().dim(1));
        Tensor y = label.scope().allocate(Shape.of(g.n(), g.dim()), DType.F32, table.requiresGrad());
        label.backend().label().embedding(g, label.buffer(), table.buffer(), y.buffer());
        return Tape.record(new EmbeddingOp(g, label, table), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(label);
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dtable = into.like(table);
        dy.backend().label().embeddingBackward(geometry, label.buffer(), dy.buffer(), dtable.buffer());
        into.add(table, dtable);
    }
}
