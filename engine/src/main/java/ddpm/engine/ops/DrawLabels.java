package ddpm.engine.ops;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.LabelOps.LabelDraw;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/** The labels of a training batch from those of the data set, I32 [N], beside the images of {@link QSample#batch}. */
public final class DrawLabels {
    private DrawLabels() {}

    /**
     * The labels of the rows, some of them left out; in the scope of {@code labels}.
     *
     * @param numbers {@link BatchNumbers}, I32 [4]; their rows must be within the epoch
     * @param labels of all images, I32 [images]
     */
    public static Tensor apply(LabelDraw g, Tensor numbers, Tensor labels) {
        if (labels.dtype() != DType.I32 || !labels.shape().equals(Shape.of(g.images()))) {
            throw new TensorException(
                    "drawLabels: needs labels I32 [" + g.images() + "], got " + labels.dtype() + " " + labels.shape());
        }
        if (!(g.dropout() >= 0 && g.dropout() <= 1)) {
            throw new TensorException("drawLabels: dropout=" + g.dropout() + " is no share; choose 0 to 1");
        }
        Check.words("drawLabels", BatchNumbers.WORDS, numbers);
        Tensor label = labels.scope().allocate(Shape.of(g.n()), DType.I32, false);
        labels.backend().label().draw(g, numbers.buffer(), labels.buffer(), label.buffer());
        return label;
    }
}
