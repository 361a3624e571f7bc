package ddpm.engine.backend;

import ddpm.engine.random.Stream;

/** Operations that draw from the counter-based generator, and the two diffusion steps built on them. */
public interface RandomOps {
    /**
     * Standard normals: row i is keyed (seed, stream, firstRow + i, step).
     *
     * @param rows number of rows
     * @param columns values in a row
     * @param y out, [rows,columns]
     */
    void normal(long seed, Stream stream, long firstRow, long step, long rows, long columns, Buffer y);

    /**
     * Fused gather, flip, scaling to [-1,1], draw of t and eps, and q_sample: x_t = a[t] * x_0 + s[t] * eps with a =
     * sqrt(alphas_cumprod), s = sqrt(1 - alphas_cumprod). Ho et al. 2020, equation 4.
     *
     * @param g geometry and streams
     * @param numbers in, {@link StepNumbers}: epoch, position, step
     * @param images in, U8 [images,H,W,C]
     * @param sqrtAlphasCumprod in, [T]
     * @param sqrtOneMinusAlphasCumprod in, [T]
     * @param xt out, [N,H,W,C]
     * @param eps out, [N,H,W,C]
     * @param t out, I32 [N]
     */
    void noiseAdd(
            NoiseAdd g,
            Buffer numbers,
            Buffer images,
            Buffer sqrtAlphasCumprod,
            Buffer sqrtOneMinusAlphasCumprod,
            Buffer xt,
            Buffer eps,
            Buffer t);

    /** q_sample of a given x_0 with given t and eps. @param g extents @param t in, I32 [N] @param xt out */
    void qSample(
            Nhwc g,
            Buffer x0,
            Buffer t,
            Buffer eps,
            Buffer sqrtAlphasCumprod,
            Buffer sqrtOneMinusAlphasCumprod,
            Buffer xt);

    /**
     * One reverse step; nothing is drawn where sigma is 0.
     *
     * @param numbers in, {@link ReverseNumbers}
     * @param xt in, [N,H,W,C]
     * @param eps in, predicted noise
     * @param out out, x_{t-1}; may be {@code xt}
     * @param x0 out, estimate of the image
     */
    void reverseStep(ReverseStep g, Buffer numbers, Buffer xt, Buffer eps, Buffer out, Buffer x0);
}
