package ddpm.engine.io;

import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import java.util.function.Supplier;

/**
 * A tensor on its way to a file: type and extents are known, the values are fetched when their turn comes, so that a model
 * need not be in host memory as a whole.
 *
 * @param shape extents, slowest first
 * @param values of this type and shape; may be asked for more than once. What it gives may be overwritten by the next one
 *     of the same model: {@link HostTensor#copy} what is to stay
 */
public record TensorSource(DType dtype, long[] shape, Supplier<HostTensor> values) {
    public TensorSource {
        shape = shape.clone();
    }

    /** One that is in host memory. */
    public static TensorSource of(HostTensor tensor) {
        return new TensorSource(tensor.dtype(), tensor.shape(), () -> tensor);
    }

    /** A copy of the extents. */
    @Override
    public long[] shape() {
        return shape.clone();
    }
}
