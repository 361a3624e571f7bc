package ddpm.engine.backend;

/**
 * Group normalisation over [N,H,W,C], alone or followed by SiLU, Wu &amp; He 2018, section 3.1; layer normalisation of rows,
 * Ba et al. 2016, section 3; and the softmax, which makes shares of a row.
 */
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

    /**
     * y = gamma * (x - mean) / sqrt(var + eps) + beta, mean and <b>biased</b> variance over each row.
     *
     * @param x in, [rows,C]
     * @param gamma in, [C]; null for 1
     * @param beta in, [C]; null, for 0, where gamma is
     * @param y out, [rows,C]
     * @param mean out, [rows], read by the backward
     * @param var out, [rows], read by the backward
     */
    void layerNorm(LayerNorm g, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var);

    /**
     * Gradients of {@link #layerNorm}.
     *
     * @param gamma in, [C], or null
     * @param dx out, [rows,C]
     * @param dgamma out, [C]; null, and not computed, where gamma is
     * @param dbeta out, [C]; null, and not computed, where gamma is
     */
    void layerNormBackward(
            LayerNorm g,
            Buffer x,
            Buffer gamma,
            Buffer mean,
            Buffer var,
            Buffer dy,
            Buffer dx,
            Buffer dgamma,
            Buffer dbeta);

    /**
     * Geometry of a layer normalisation.
     *
     * @param rows number of rows, each normalised by itself
     * @param c C, elements of a row
     * @param eps added to the variance
     */
    record LayerNorm(long rows, long c, float eps) {}

    /**
     * y[i,k] = exp(x[i,k]) / sum over j of exp(x[i,j]), which nothing overflows: of infinity, and of what is no number, NaN; of
     * -infinity 0, or NaN in a row of nothing else. What becomes of a row does not depend on how many there are.
     *
     * @param x in, [rows,length]
     * @param y out, [rows,length]; may be x
     */
    void softmax(long rows, long length, Buffer x, Buffer y);

    /**
     * dx[i,k] = y[i,k] * (dy[i,k] - sum over j of dy[i,j] * y[i,j]).
     *
     * @param y in, [rows,length], what the forward gave
     * @param dx out, [rows,length]; may be dy
     */
    void softmaxBackward(long rows, long length, Buffer y, Buffer dy, Buffer dx);

    /**
     * Geometry of a group normalisation, and what follows it in the same pass.
     *
     * @param x extents [N,H,W,C]
     * @param groups G, divides C; group g holds the channels g*C/G .. (g+1)*C/G-1
     * @param eps added to the variance
     * @param activation of the normalised values
     * @param operand how the result is stored: FP32, or the backend's {@link Backend#operands}
     */
    record GroupNorm(Nhwc x, long groups, float eps, Activation activation, Precision operand) {
        /** One that nothing follows and whose result is FP32. */
        public GroupNorm(Nhwc x, long groups, float eps) {
            this(x, groups, eps, Activation.NONE, Precision.FP32);
        }

        /** The same, followed by an activation. */
        public GroupNorm then(Activation other) {
            return new GroupNorm(x, groups, eps, other, operand);
        }

        /** The same with a result that is stored otherwise. */
        public GroupNorm storedAs(Precision other) {
            return new GroupNorm(x, groups, eps, activation, other);
        }

        public long groupChannels() {
            return x.c() / groups;
        }
    }

    /** What is done to each element of a result in the same pass over memory. */
    enum Activation {
        NONE,
        /** z * sigmoid(z). */
        SILU
    }
}
