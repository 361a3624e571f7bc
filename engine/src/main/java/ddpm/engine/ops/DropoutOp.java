package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.RandomOps.Dropout;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/**
 * While a network is trained y = x with a share of its values 0 by chance and the others over 1 - share; else x itself. Which of
 * the two says the scope: {@link ddpm.engine.tensor.Scope#training} knows the step whose values are drawn, {@link
 * ddpm.engine.tensor.Scope#on} does not train, and {@link ddpm.engine.tensor.Scope#recording}, which would drop the same values in
 * every step, is an error. Keeps nothing: the backward draws the same bits again. Srivastava et al. 2014, section 4.
 */
public record DropoutOp(Dropout geometry, Tensor x, Tensor numbers) implements Op {
    /**
     * @param x of any extents, the first that of rows, each of which has bits of its own
     * @param share of the values that become 0, in [0,1)
     * @param stream of its own for each layer, see {@link Stream#dropout}
     */
    public static Tensor apply(Tensor x, double share, long seed, Stream stream) {
        Check.operands("dropout", x);
        Check.atLeastRank1("dropout", x);
        if (!(share >= 0 && share < 1)) {
            throw new TensorException("dropout: share=" + share + " leaves nothing; choose 0 to below 1");
        }
        if (x.scope().tape() == null) {
            return x;
        }
        Tensor numbers = x.scope().numbers();
        if (numbers == null) {
            throw new TensorException(
                    "dropout: this scope records and knows no step, so each would drop the same values; take"
                            + " the scope that Learner.step gives, or Scope.training(backend, numbers) in place of Scope.recording");
        }
        long rows = x.shape().dim(0);
        Dropout g = new Dropout(rows, x.count() / rows, share, seed, stream);
        Tensor y = x.scope().allocate(x.shape(), DType.F32, x.requiresGrad());
        x.backend().random().dropout(g, numbers.buffer(), x.buffer(), y.buffer());
        return Tape.record(new DropoutOp(g, x, numbers), y);
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        Tensor dx = into.like(x);
        dy.backend().random().dropout(geometry, numbers.buffer(), dy.buffer(), dx.buffer());
        into.add(x, dx);
    }
}
