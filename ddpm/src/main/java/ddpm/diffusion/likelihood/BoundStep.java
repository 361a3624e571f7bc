package ddpm.diffusion.likelihood;

import ddpm.diffusion.Posterior;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;

/**
 * The step from t to t-1 as the bound sees it, value by value: the posterior that knows the image against the model's Gaussian
 * of the same form, whose image is the estimate {@code a x_t + b F} and whose variance is one of {@link Variance}.
 *
 * <p>At t = 0 the posterior has no variance; that of t = 1 stands for it, also as the lower end of a learned range and in
 * place of beta. Nichol &amp; Dhariwal 2021, section 2.2 and their code.
 */
public final class BoundStep {
    private final int t;
    private final Posterior posterior;
    private final Prediction.Coefficients prediction;
    private final double range;
    private final Variance variance;
    private final double logSmall;
    private final double logBeta;

    /** @param range to which estimates of the image are clipped; infinite for none */
    public BoundStep(Schedule schedule, Prediction prediction, Variance variance, double range, int t) {
        this.t = t;
        this.posterior = Posterior.at(schedule, t);
        this.prediction = prediction.at(schedule.signal(t), schedule.noise(t));
        this.range = range;
        this.variance = variance;
        this.logSmall = Math.log(Posterior.at(schedule, Math.max(1, t)).variance());
        this.logBeta = Math.log(posterior.beta());
    }

    /** The estimate of the image, clipped. @param x a value of x_t @param f the network's output there */
    public double estimate(double x, double f) {
        double x0 = prediction.a() * x + prediction.b() * f;
        return Math.max(-range, Math.min(range, x0)); // a NaN stays one
    }

    /** Mean of x_(t-1) where the image is known. */
    public double posteriorMean(double x0, double x) {
        return posterior.x0() * x0 + posterior.x() * x;
    }

    /** Logarithm of its variance. */
    public double posteriorLogVariance() {
        return logSmall;
    }

    /** Mean of x_(t-1) as the model has it, from its estimate of the image. */
    public double modelMean(double estimate, double x) {
        return posteriorMean(estimate, x);
    }

    /** Logarithm of the model's variance. @param v what the network says where it is learned, -1 for the least */
    public double modelLogVariance(double v) {
        return switch (variance) {
            case FIXED_SMALL -> logSmall;
            case FIXED_LARGE -> t == 0 ? logSmall : logBeta;
            case LEARNED_RANGE -> {
                double share = (v + 1) / 2;
                yield share * logBeta + (1 - share) * logSmall;
            }
        };
    }

    /** KL of the posterior to the model's step, in nats. */
    public double kl(double x0, double estimate, double x, double v) {
        return GaussianKl.nats(posteriorMean(x0, x), logSmall, modelMean(estimate, x), modelLogVariance(v));
    }

    /** The term of the bound in nats: {@link #kl}, at t = 0 minus log probability of the level x_0. */
    public double nats(NormalCdf cdf, double x0, double estimate, double x, double v) {
        if (t > 0) {
            return kl(x0, estimate, x, v);
        }
        double logSd = modelLogVariance(v) / 2;
        return -new DiscretisedGaussian(cdf).logProbability(x0, modelMean(estimate, x), logSd);
    }
}
