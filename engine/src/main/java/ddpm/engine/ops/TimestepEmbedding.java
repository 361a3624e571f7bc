package ddpm.engine.ops;

import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/** Sinusoidal embedding of times t, [N] to [N,dim]; t has no gradient, so nothing is recorded. */
public final class TimestepEmbedding {
    private TimestepEmbedding() {}

    public static Tensor apply(Tensor t, int dim) {
        if (t.dtype() != DType.F32 || t.shape().rank() != 1) {
            throw new TensorException("timestepEmbedding: needs times F32 [N], got " + t.dtype() + " " + t.shape());
        }
        if (dim <= 0 || dim % 2 != 0) {
            throw new TensorException("timestepEmbedding: needs an even dim, got " + dim);
        }
        Tensor y = t.scope().empty(Shape.of(t.count(), dim));
        t.backend().elementwise().timestepEmbedding(t.count(), dim, t.buffer(), y.buffer());
        return y;
    }
}
