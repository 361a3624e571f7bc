package ddpm.diffusion;

import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.ReverseNumbers;
import ddpm.engine.backend.ReverseStep;

/**
 * The numbers of one reverse step, in double:
 *
 * <pre>
 * x0   = x0FromX * x_t - x0FromEps * eps,  clamped to [-1,1] if clip
 * next = fromX0 * x0 + fromX * x_t + fromEps * eps + sigma * z
 * </pre>
 */
public record Update(
        int t,
        double x0FromX,
        double x0FromEps,
        boolean clip,
        double fromX0,
        double fromX,
        double fromEps,
        double sigma) {

    /** What stays the same in all steps of such a chain. */
    public ReverseStep step(Nhwc x, long seed) {
        return new ReverseStep(x, seed, clip);
    }

    /** The numbers of this step, for rows of images numbered from {@code firstImage}. */
    public ReverseNumbers numbers(long firstImage) {
        return new ReverseNumbers(
                t,
                Math.toIntExact(firstImage),
                (float) x0FromX,
                (float) x0FromEps,
                (float) fromX0,
                (float) fromX,
                (float) fromEps,
                (float) sigma);
    }
}
