package ddpm.engine.backend;

/** Group normalisation over [N,H,W,C], alone or followed by SiLU. Wu &amp; He 2018, section 3.1. */
public interface NormOps {
    /**
     * y = act(gamma * (x - mean) / sqrt(var + eps) + beta), mean and <b>biased</b> variance over (H, W, C/G).
     *
     * @param g extents, groups (divides C), eps, and act: {@link GroupNorm#activation}
     * @param x in, [N,H,W,C]
     * @param gamma in, [C]
     * @param beta in, [C]
     * @param y out, [N,H,W,C], stored as {@link GroupNorm#operand} says
     * @param mean out, [N,G], read by the backward
     * @param var out, [N,G], read by the backward
     */
    void groupNorm(GroupNorm g, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var);

    /**
     * Gradients of {@link #groupNorm}. What an activation took is recomputed.
     *
     * @param beta in, [C]; not read, and may be null, where there is no activation
     * @param dx out, [N,H,W,C]
     * @param dgamma out, [C]
     * @param dbeta out, [C]
     */
    void groupNormBackward(
            GroupNorm g,
            Buffer x,
            Buffer gamma,
            Buffer beta,
            Buffer mean,
            Buffer var,
            Buffer dy,
            Buffer dx,
            Buffer dgamma,
            Buffer dbeta);
}
