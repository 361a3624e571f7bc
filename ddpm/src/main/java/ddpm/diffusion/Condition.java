package ddpm.diffusion;

import ddpm.engine.backend.LabelOps.Labels;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.Arrays;

/**
 * What a network is told about the images beside their noise.
 *
 * @param label class of each image, I32 [N], -1 for none; null where no image has one
 * @param pair the labels and as many times none, I32 [2N], which guidance needs; null elsewhere
 */
public record Condition(Tensor label, Tensor pair) {
    /** Nothing. */
    public static final Condition NONE = new Condition(null);

    /** @throws TensorException where the labels are none */
    public Condition {
        requireLabels(label);
        requireLabels(pair);
    }

    /** Labels that are not guided towards: those of a training. */
    public Condition(Tensor label) {
        this(label, null);
    }

    /** The labels of images that are drawn, in {@code scope}; both the network and guidance take them. */
    public static Condition of(Scope scope, int[] labels) {
        int[] pair = Arrays.copyOf(labels, 2 * labels.length);
        Arrays.fill(pair, labels.length, pair.length, Labels.NONE);
        return new Condition(scope.tensor(Shape.of(labels.length), labels), scope.tensor(Shape.of(pair.length), pair));
    }

    private static void requireLabels(Tensor label) {
        if (label != null && (label.dtype() != DType.I32 || label.shape().rank() != 1)) {
            throw new TensorException("condition: needs labels I32 [N], got " + label.dtype() + " " + label.shape());
        }
    }

    /** Whether any image may have a label. */
    public boolean hasLabels() {
        return label != null;
    }
}
