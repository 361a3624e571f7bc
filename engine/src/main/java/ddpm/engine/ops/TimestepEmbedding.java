package ddpm.engine.ops;

import ddpm.engine.backend.ElementwiseOps.Waves;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/** Sinusoidal embedding of times t, [N] to [N,dim]; t has no gradient, so nothing is recorded. */
public final class TimestepEmbedding {
    private TimestepEmbedding() {}

    public static Tensor apply(Tensor t, int dim, float shift, boolean cosinesFirst) {
        if (t.dtype() != DType.F32 || t.shape().rank() != 1) {
            throw new TensorException("timestepEmbedding: needs times F32 [N], got " + t.dtype() + " " + t.shape());
        }
        if (dim <= 0 || dim % 2 != 0) {
            throw new TensorException("timestepEmbedding: needs an even dim, got " + dim);
        }
        Waves g = new Waves(t.count(), dim, shift, cosinesFirst);
        if (!(g.span() > 0)) {
            throw new TensorException("timestepEmbedding: needs a shift below dim/2=" + dim / 2 + ", got " + shift
                    + "; use a larger dim");
        }
        Tensor y = t.scope().empty(Shape.of(t.count(), dim));
        t.backend().elementwise().timestepEmbedding(g, t.buffer(), y.buffer());
        return y;
    }
}
