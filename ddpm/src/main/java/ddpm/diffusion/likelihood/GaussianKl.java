package ddpm.diffusion.likelihood;

/** How far a Gaussian is from another: the Kullback-Leibler divergence, for one of many independent dimensions. */
public final class GaussianKl {
    private GaussianKl() {}

    /**
     * KL(N(m1, e^l1) || N(m2, e^l2)) = (l2 - l1 - 1 + e^(l1 - l2) + (m1 - m2)^2 e^-l2) / 2, in nats. e^x - 1 - x keeps its
     * digits where both variances are nearly equal.
     */
    public static double nats(double mean1, double logVariance1, double mean2, double logVariance2) {
        double d = logVariance1 - logVariance2;
        double apart = mean1 - mean2;
        return 0.5 * (Math.expm1(d) - d + apart * apart * Math.exp(-logVariance2));
    }
}
