package ddpm.diffusion.edit;

import ddpm.diffusion.reverse.Edit;
import ddpm.diffusion.solver.Level;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/** What edits make x of. */
final class Noised {
    private Noised() {}

    /** signal x_0 + noise z, in the scope of {@code z}, which ends here. */
    static Tensor to(Level level, Tensor x0, Tensor z) {
        Tensor noise = z.scale((float) level.noise());
        z.discard();
        return noise.addInPlace(x0.in(noise.scope()).scale((float) level.signal()));
    }

    /** The same image for each row of a batch. */
    static Tensor each(Edit.Batch batch, float[] image) {
        int n = Math.toIntExact(batch.extents().n());
        float[] all = new float[n * image.length];
        for (int i = 0; i < n; i++) {
            System.arraycopy(image, 0, all, i * image.length, image.length);
        }
        return batch.scope().tensor(Shape.of(batch.extents()), all);
    }
}
