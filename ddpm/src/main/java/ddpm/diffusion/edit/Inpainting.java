package ddpm.diffusion.edit;

import ddpm.diffusion.Streams;
import ddpm.diffusion.reverse.Edit;
import ddpm.diffusion.reverse.ReverseProcess;
import ddpm.diffusion.solver.Level;
import ddpm.engine.ops.StandardNormal;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;

/**
 * Fills in a part of an image: after each step what is known is put over x, noised to the level that the step reached. RePaint,
 * Lugmayr et al. 2022, algorithm 1, lines 4 and 8:
 *
 * <pre>
 * x = keep (signal known + noise z) + (1 - keep) x
 * </pre>
 *
 * The image at the end has the known values themselves. The drawn part fits better where steps are done several times, {@link
 * ddpm.diffusion.solver.Plan#repeated}.
 *
 * @param known [H,W,C], -1 .. 1; its values where nothing is kept have no part in the result
 * @param keep [H,W,C], 1 where the image stays, 0 where it is drawn, and shares between
 */
public record Inpainting(float[] known, float[] keep) implements Edit {
    @Override
    public Between between(ReverseProcess process, Batch batch) {
        Tensor image = Noised.each(batch, known);
        Tensor kept = Noised.each(batch, keep);
        float[] others = keep.clone();
        for (int i = 0; i < others.length; i++) {
            others[i] = 1 - keep[i];
        }
        Tensor drawn = Noised.each(batch, others);
        return (x, reached, key) -> {
            try (Scope scope = Scope.on(x.backend())) {
                Tensor now = noised(scope, image, reached, process.seed(), batch.first(), key);
                Tensor mixed =
                        now.mul(kept.in(scope)).addInPlace(drawn.in(scope).mul(x.in(scope)));
                x.backend().memory().copy(x.count() * DType.F32.bytes(), mixed.buffer(), x.buffer());
            }
        };
    }

    private static Tensor noised(Scope scope, Tensor image, Level level, long seed, long first, long key) {
        if (level.noise() == 0) {
            return image.in(scope).scale((float) level.signal());
        }
        return Noised.to(level, image, StandardNormal.draw(scope, image.shape(), seed, Streams.KNOWN, first, key));
    }
}
