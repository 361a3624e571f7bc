package ddpm.verify.network;

import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;

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

    /** F32 [N]. */
    Tensor t(Scope scope) {
        return times(scope, t);
    }

    /** Whole times as a network is given them. */
    static Tensor times(Scope scope, int[] t) {
        float[] times = new float[t.length];
        for (int i = 0; i < t.length; i++) {
            times[i] = t[i];
        }
        return scope.tensor(Shape.of(t.length), times);
    }
}
