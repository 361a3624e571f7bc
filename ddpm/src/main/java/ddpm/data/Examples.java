package ddpm.data;

import ddpm.DataException;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * Images and what they show, a batch at a time, for a network that is to tell them apart. Values are 0 to 1. A batch is the
 * neighbours from {@code from} on, in the order of the set.
 */
public final class Examples {
    private static final float WHITE = 255;

    private final ImageSet set;

    /** @throws DataException when the classes of the images are not known */
    public Examples(ImageSet set) {
        if (!set.classes().known()) {
            throw new DataException(
                    set.name() + ": the images have no labels, so there is nothing to tell apart; take a set"
                            + " with labels, such as mnist or glyphs");
        }
        this.set = set;
    }

    public int count() {
        return set.count();
    }

    /** A batch of {@code n}, [n,height,width,channels]. */
    public Tensor images(Scope scope, int from, int n) {
        return scope.tensor(Shape.of(n, set.height(), set.width(), set.channels()), values(from, n));
    }

    /** A batch of {@code n}, each image one row, [n,values]. */
    public Tensor rows(Scope scope, int from, int n) {
        return scope.tensor(Shape.of(n, set.length()), values(from, n));
    }

    private float[] values(int from, int n) {
        float[] values = new float[n * set.length()];
        byte[] image = new byte[set.length()];
        for (int i = 0; i < n; i++) {
            set.pixels().copy(from + i, image, 0);
            for (int k = 0; k < image.length; k++) {
                values[i * image.length + k] = (image[k] & 0xff) / WHITE;
            }
        }
        return values;
    }

    /** What the images of the batch show, I32 [n]. */
    public Tensor labels(Scope scope, int from, int n) {
        return scope.tensor(Shape.of(n), Arrays.copyOfRange(set.classes().of(), from, from + n));
    }

    /** How many of a batch have their largest score at their label. @param scores [n,..,classes], of the images from {@code from} on */
    public int right(Tensor scores, int from) {
        float[] of = scores.toFloats();
        int classes = Math.toIntExact(scores.shape().dim(-1));
        int right = 0;
        for (int i = 0; i < of.length / classes; i++) {
            int best = 0;
            for (int k = 1; k < classes; k++) {
                best = of[i * classes + k] > of[i * classes + best] ? k : best;
            }
            right += best == set.classes().of()[from + i] ? 1 : 0;
        }
        return right;
    }
}
