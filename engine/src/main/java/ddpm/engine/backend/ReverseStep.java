package ddpm.engine.backend;

/**
 * One step x_t -> x_{t-1}, for DDPM and DDIM alike, with the coefficients of {@link ReverseNumbers}:
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
 */
public record ReverseStep(Nhwc x, long seed, boolean clip) {}
