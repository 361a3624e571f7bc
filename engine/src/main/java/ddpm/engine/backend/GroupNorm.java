package ddpm.engine.backend;

/**
 * Geometry of a group normalisation.
 *
 * @param x extents [N,H,W,C]
 * @param groups G, divides C; group g holds the channels g*C/G .. (g+1)*C/G-1
 * @param eps added to the variance
 */
public record GroupNorm(Nhwc x, long groups, float eps) {
    public long groupChannels() {
        return x.c() / groups;
    }
}
