package ddpm.diffusion.solver;

/**
 * What keeps estimates of the image in its range.
 *
 * @param range largest magnitude; for thresholding the largest limit. 0: no clipping
 * @param quantile of |x_0| in an image that becomes its limit, if above 1 (Saharia et al. 2022, section 2.3: dynamic
 *     thresholding); 0: the range itself is the limit
 */
public record Clip(double range, double quantile) {
    public static final Clip NONE = new Clip(0, 0);
    /** To -1 .. 1, where images lie. */
    public static final Clip TO_IMAGE = new Clip(1, 0);

    private static final double NO_LIMIT = 1e30;

    /** Dynamic thresholding at a quantile in (0,1), with no largest limit. */
    public static Clip threshold(double quantile) {
        return new Clip(NO_LIMIT, quantile);
    }

    boolean isNone() {
        return range == 0;
    }
}
