package ddpm.engine.ops;

import ddpm.engine.random.Stream;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** Standard normal values; entry i of the first extent is keyed (seed, stream, firstRow + i, step). */
public final class StandardNormal {
    private StandardNormal() {}

    /** @param shape at least one extent; the first counts the rows */
    public static Tensor draw(Scope scope, Shape shape, long seed, Stream stream, long firstRow, long step) {
        Tensor y = scope.empty(shape);
        long rows = shape.dim(0);
        scope.backend().random().normal(seed, stream, firstRow, step, rows, shape.count() / rows, y.buffer());
        return y;
    }
}
