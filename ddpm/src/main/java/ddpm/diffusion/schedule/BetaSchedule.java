package ddpm.diffusion.schedule;

import ddpm.diffusion.Schedule;

/**
 * The process of Ho et al. 2020: step t adds noise of variance beta_t, so that alphas_cumprod, the running product of
 * 1 - beta, is the share of the image's variance in x_t. signal = sqrt(alphas_cumprod), noise = sqrt(1 - alphas_cumprod).
 *
 * <p>Between whole t sigma is interpolated linearly.
 */
public final class BetaSchedule implements Schedule {
    /** Below this 1 / alphas_cumprod, and with it the estimate of x_0 from eps, leaves the range of float32. */
    public static final double LEAST_SIGNAL = 1e-30;

    /** alphas_cumprod that stands for 0 where a finite sigma is needed: sigma is then 4096. */
    private static final double ALMOST_ZERO = 0x1p-24;

    private final double[] betas;
    private final double[] alphasCumprod;

    private BetaSchedule(double[] betas, double[] alphasCumprod) {
        this.betas = betas;
        this.alphasCumprod = alphasCumprod;
    }

    /** The schedule with these variances, each in (0,1). */
    public static BetaSchedule ofBetas(double[] betas) {
        double[] alphasCumprod = new double[betas.length];
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            product *= 1 - betas[t];
            alphasCumprod[t] = product;
        }
        return new BetaSchedule(betas.clone(), alphasCumprod);
    }

    /**
     * This schedule stretched so that nothing of the image is left at T-1: sqrt(alphas_cumprod) is shifted to end at 0
     * and scaled to begin where it did. Lin et al. 2024, algorithm 1.
     */
    public BetaSchedule toZeroTerminalSnr() {
        int last = alphasCumprod.length - 1;
        double first = Math.sqrt(alphasCumprod[0]);
        double end = Math.sqrt(alphasCumprod[last]);
        double[] stretched = new double[last + 1];
        double[] steps = new double[last + 1];
        double before = 1;
        for (int t = 0; t <= last; t++) {
            double root = (Math.sqrt(alphasCumprod[t]) - end) * first / (first - end);
            stretched[t] = root * root;
            steps[t] = 1 - stretched[t] / before;
            before = stretched[t];
        }
        return new BetaSchedule(steps, stretched);
    }

    /** The schedule of these variances, stretched if {@code zeroSnr}. */
    static BetaSchedule of(double[] betas, boolean zeroSnr) {
        BetaSchedule schedule = ofBetas(betas);
        return zeroSnr ? schedule.toZeroTerminalSnr() : schedule;
    }

    @Override
    public int timesteps() {
        return alphasCumprod.length;
    }

    /** Share of the image's variance left in x_t. 1 for t = -1, the image itself. */
    public double alphaCumprod(int t) {
        return t == -1 ? 1 : alphasCumprod[t];
    }

    /** Variance of the noise that step t adds. */
    public double beta(int t) {
        return betas[t];
    }

    /** 1 - beta of step t. */
    public double alpha(int t) {
        return 1 - betas[t];
    }

    @Override
    public double signal(double t) {
        if (t == Math.rint(t)) {
            return Math.sqrt(alphaCumprod((int) t));
        }
        double sigma = sigma(t);
        return 1 / Math.sqrt(1 + sigma * sigma);
    }

    @Override
    public double noise(double t) {
        if (t == Math.rint(t)) {
            return Math.sqrt(1 - alphaCumprod((int) t));
        }
        double sigma = sigma(t);
        return sigma / Math.sqrt(1 + sigma * sigma);
    }

    @Override
    public double sigma(double t) {
        int below = (int) Math.floor(t);
        double rest = t - below;
        double sigma = sigmaAt(below);
        return rest == 0 ? sigma : sigma + rest * (sigmaAt(below + 1) - sigma);
    }

    private double sigmaAt(int t) {
        double a = alphaCumprod(t) == 0 ? ALMOST_ZERO : alphaCumprod(t);
        return Math.sqrt((1 - a) / a);
    }

    /** By linear interpolation of log sigma, as samplers with levels of their own have it. */
    @Override
    public double atSigma(double sigma) {
        int low = 0;
        int high = alphasCumprod.length - 1;
        if (sigma <= sigmaAt(low)) {
            return low;
        }
        if (sigma >= sigmaAt(high)) {
            return high;
        }
        while (high - low > 1) {
            int middle = (low + high) / 2;
            if (sigmaAt(middle) <= sigma) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double from = Math.log(sigmaAt(low));
        return low + (Math.log(sigma) - from) / (Math.log(sigmaAt(high)) - from);
    }

    @Override
    public boolean whole() {
        return true;
    }

    @Override
    public boolean variancePreserving() {
        return true;
    }
}
