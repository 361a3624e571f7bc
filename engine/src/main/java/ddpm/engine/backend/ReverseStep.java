package ddpm.engine.backend;

/**
 * One step x_t -> x_{t-1}, for DDPM and DDIM alike:
 *
 * <pre>
 * x0  = x0FromX * x_t - x0FromEps * eps,  clamped to [-1,1] if clip
 * out = fromX0 * x0 + fromX * x_t + fromEps * eps + sigma * z
 * </pre>
 *
 * z is standard normal, keyed (seed, image index, t).
 *
 * @param x extents [N,H,W,C]
 * @param seed of the sampling run
 * @param firstImage index of row 0 among all samples of the run, so that noise does not depend on the batch size
 * @param t timestep of x_t
 */
public record ReverseStep(
        Nhwc x,
        long seed,
        long firstImage,
        int t,
        float x0FromX,
        float x0FromEps,
        boolean clip,
        float fromX0,
        float fromX,
        float fromEps,
        float sigma) {}
