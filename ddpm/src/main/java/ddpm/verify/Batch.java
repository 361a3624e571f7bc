package ddpm.verify;

import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** The batch in a file: images x and target [N,C,H,W], timesteps t [N]. */
final class Batch {
    private final VectorFile file;
    private final int[] t;

    Batch(VectorFile file) {
        this.file = file;
        this.t = file.timesteps("t", Integer.MAX_VALUE);
    }

    /** The images as a leaf, [N,H,W,C]. */
    Tensor x(Scope scope) {
        return FileLayout.IMAGE.leaf(scope, file.get("x", 4));
    }

    Tensor target(Scope scope) {
        return FileLayout.IMAGE.tensor(scope, file.get("target", 4));
    }

    Tensor t(Scope scope) {
        return scope.tensor(Shape.of(t.length), t);
    }
}
