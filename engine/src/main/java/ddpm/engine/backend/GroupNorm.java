package ddpm.engine.backend;

/**
 * Geometry of a group normalisation.
 *
 * @param x extents [N,H,W,C]
 * @param groups G, divides C; group g holds the channels g*C/G .. (g+1)*C/G-1
 * @param eps added to the variance
 * @param operand how the result is stored: FP32, or the backend's {@link Backend#operands}
 */
public record GroupNorm(Nhwc x, long groups, float eps, Precision operand) {
    /** One whose result is FP32. */
    public GroupNorm(Nhwc x, long groups, float eps) {
        this(x, groups, eps, Precision.FP32);
    }

    /** The same with a result that is stored otherwise. */
    public GroupNorm storedAs(Precision other) {
        return new GroupNorm(x, groups, eps, other);
    }

    public long groupChannels() {
        return x.c() / groups;
    }
}
