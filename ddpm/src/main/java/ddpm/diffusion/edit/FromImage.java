package ddpm.diffusion.edit;

import ddpm.diffusion.reverse.Edit;
import ddpm.diffusion.reverse.ReverseProcess;
import ddpm.diffusion.solver.Level;
import ddpm.engine.tensor.Tensor;

/**
 * Begins with an image that is noised to the level of the first stage: {@code x = signal x_0 + noise z}. SDEdit, Meng et al. 2022,
 * algorithm 1. How much of the image stays is where the plan begins, {@link ddpm.diffusion.solver.Course#upTo}.
 *
 * @param image [H,W,C], -1 .. 1
 */
public record FromImage(float[] image) implements Edit {
    @Override
    public Tensor start(ReverseProcess process, Batch batch) {
        Level first = process.plan().first();
        Tensor z = process.noise(batch.scope(), batch.extents(), batch.first());
        return Noised.to(first, Noised.each(batch, image), z);
    }
}
