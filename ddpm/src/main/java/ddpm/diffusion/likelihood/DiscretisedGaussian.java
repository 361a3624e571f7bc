package ddpm.diffusion.likelihood;

/**
 * Probability of one of 256 levels under a Gaussian: that of the level's bin, 2/255 wide, where levels are -1 .. 1. The bins
 * of the first and the last level reach to infinity, so that the probabilities of all levels sum to 1. Ho et al. 2020,
 * equation 13.
 *
 * @param cdf of the standard normal
 */
public record DiscretisedGaussian(NormalCdf cdf) {
    private static final double HALF_BIN = 1.0 / 255;
    /** Between the last level and the one before it. */
    private static final double LAST = 0.999;
    /** So that an image which the model thinks impossible costs much, but not infinitely much. */
    private static final double LEAST = 1e-12;

    /** Natural logarithm of the probability. @param x a level, -1 .. 1 @param logSd logarithm of the standard deviation */
    public double logProbability(double x, double mean, double logSd) {
        double perUnit = Math.exp(-logSd);
        double low = (x - mean - HALF_BIN) * perUnit;
        double high = (x - mean + HALF_BIN) * perUnit;
        double p = x < -LAST ? cdf.below(high) : x > LAST ? cdf.above(low) : cdf.between(low, high);
        return Math.log(Math.max(p, LEAST));
    }
}
