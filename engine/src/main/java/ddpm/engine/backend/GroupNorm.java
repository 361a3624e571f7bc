package ddpm.engine.backend;

/**
 * Geometry of a group normalisation, and what follows it in the same pass.
 *
 * @param x extents [N,H,W,C]
 * @param groups G, divides C; group g holds the channels g*C/G .. (g+1)*C/G-1
 * @param eps added to the variance
 * @param activation of the normalised values
 * @param operand how the result is stored: FP32, or the backend's {@link Backend#operands}
 */
public record GroupNorm(Nhwc x, long groups, float eps, Activation activation, Precision operand) {
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
