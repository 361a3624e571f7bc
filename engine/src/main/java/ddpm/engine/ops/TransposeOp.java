package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/** y[..,j,i] = x[..,i,j]: the last two extents exchanged. Keeps nothing. */
public record TransposeOp(Tensor x) implements Op {
    public static Tensor apply(Tensor x) {
        Check.operands("transpose", x);
        int rank = x.shape().rank();
        if (rank < 2) {
            throw new TensorException("transpose: needs [..,M,N], got " + x.shape());
        }
        long[] extents = x.shape().toArray();
        extents[rank - 2] = x.shape().dim(-1);
        extents[rank - 1] = x.shape().dim(-2);
        Tensor y = x.scope().allocate(Shape.of(extents), DType.F32, x.requiresGrad());
        transpose(x, y);
        return Tape.record(new TransposeOp(x), y);
    }

    private static void transpose(Tensor from, Tensor to) {
        long rows = from.shape().dim(-2);
        long columns = from.shape().dim(-1);
        long batch = from.count() / (rows * columns);
        from.backend().layout().transpose(batch, rows, columns, from.buffer(), to.buffer());
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        transpose(dy, dx);
        into.add(x, dx);
    }
}
