package ddpm.diffusion.edit;

import ddpm.diffusion.reverse.Edit;
import ddpm.diffusion.reverse.ReverseProcess;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * Begins with given values: an image on its way back to noise, or noise that such a way led to.
 *
 * @param x [H,W,C] of images 0, 1, ...
 * @param noise whether they stand for the standard normals that images begin with, of which the first x is a multiple
 */
public record Given(float[][] x, boolean noise) implements Edit {
    @Override
    public Tensor start(ReverseProcess process, Batch batch) {
        int length = x[0].length;
        float[] all = new float[Math.toIntExact(batch.extents().count())];
        for (int i = 0; i < batch.extents().n(); i++) {
            System.arraycopy(x[Math.toIntExact(batch.first()) + i], 0, all, i * length, length);
        }
        float factor = noise ? (float) process.plan().start() : 1;
        for (int k = 0; k < all.length; k++) {
            all[k] *= factor;
        }
        return batch.scope().tensor(Shape.of(batch.extents()), all);
    }
}
