package ddpm.verify.network;

import ddpm.engine.tensor.HostTensor;
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

    /** The images, [N,H,W,C]: a leaf where the scope records, so that they get a gradient. */
    Tensor x(Scope scope) {
        HostTensor x = file.get("x", 4);
        return scope.tape() == null ? FileLayout.IMAGE.tensor(scope, x) : FileLayout.IMAGE.leaf(scope, x);
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
