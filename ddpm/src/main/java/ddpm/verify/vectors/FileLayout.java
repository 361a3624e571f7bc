package ddpm.verify.vectors;

import ddpm.engine.nn.Layout;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.VectorException;

/** What a tensor of a file becomes in the engine. */
public enum FileLayout {
    /** The same extents in the same order. */
    PLAIN,
    /** [N,C,H,W] becomes [N,H,W,C]; any other [N,C,..] becomes [N,P,1,C] with all positions in P. */
    IMAGE;

    public Shape engineShape(long[] file) {
        return this == PLAIN ? Shape.of(file) : Layout.KERNEL.engineShape(fourExtents(file));
    }

    public Tensor tensor(Scope scope, HostTensor from) {
        return scope.tensor(engineShape(from.shape()), toEngine(from));
    }

    /** As {@link #tensor}, and its gradient is wanted. */
    public Tensor leaf(Scope scope, HostTensor from) {
        return scope.leaf(engineShape(from.shape()), toEngine(from));
    }

    /** The values in the engine's order. */
    public float[] toEngine(HostTensor from) {
        float[] values = from.toFloats();
        return this == PLAIN ? values : Layout.KERNEL.toEngine(fourExtents(from.shape()), values);
    }

    /** The values in the file's order. */
    public float[] toFile(Tensor t) {
        return this == PLAIN ? t.toFloats() : Layout.KERNEL.toFile(t.shape(), t.toFloats());
    }

    private static Shape fourExtents(long[] file) {
        if (file.length < 2) {
            throw new VectorException("shape " + VectorFile.shape(file) + " has no channels: needed is [N,C,..]");
        }
        if (file.length == 4) {
            return Shape.of(file);
        }
        long positions = 1;
        for (int i = 2; i < file.length; i++) {
            positions = Math.multiplyExact(positions, file[i]);
        }
        return Shape.of(file[0], file[1], positions, 1);
    }
}
