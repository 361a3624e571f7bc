package ddpm.diffusion;

import ddpm.engine.ops.QSample;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/**
 * The variances of the forward process and what follows from them, in double. beta rises linearly; alpha = 1 - beta;
 * alphas_cumprod is their running product. Ho et al. 2020, sections 2 and 4. Timesteps are 0 .. T-1.
 */
public final class NoiseSchedule {
    /** Below this 1 / alphas_cumprod, and with it the estimate of x_0, leaves the range of float32. */
    static final double LEAST_SIGNAL = 1e-30;

    private final double[] betas;
    private final double[] alphasCumprod;

    /** @throws IllegalArgumentException where x_T is so far from the image that float32 cannot lead back */
    public NoiseSchedule(ScheduleConfig config) {
        this.betas = linear(config);
        this.alphasCumprod = new double[betas.length];
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            product *= 1 - betas[t];
            alphasCumprod[t] = product;
        }
        if (product < LEAST_SIGNAL) {
            throw new IllegalArgumentException("noise schedule: beta from " + config.betaStart() + " to "
                    + config.betaEnd() + " over T=" + config.timesteps() + " steps leaves alphas_cumprod=" + product
                    + " of the image; lower beta_end or timesteps");
        }
    }

    /** alphas_cumprod of the last step. */
    static double lastAlphaCumprod(ScheduleConfig config) {
        return DoubleStream.of(linear(config)).reduce(1, (product, beta) -> product * (1 - beta));
    }

    private static double[] linear(ScheduleConfig c) {
        double[] betas = new double[c.timesteps()];
        int last = betas.length - 1;
        for (int t = 0; t <= last; t++) {
            double share = last == 0 ? 0 : (double) t / last;
            betas[t] = c.betaStart() * (1 - share) + c.betaEnd() * share;
        }
        return betas;
    }

    /** T. */
    public int timesteps() {
        return betas.length;
    }

    /** Variance of the noise that step t adds. */
    public double beta(int t) {
        return betas[t];
    }

    public double alpha(int t) {
        return 1 - betas[t];
    }

    /** Share of the image's variance left in x_t. 1 for t = -1, the image itself. */
    public double alphaCumprod(int t) {
        return t == -1 ? 1 : alphasCumprod[t];
    }

    /** Factor of x_0 in x_t. */
    public double signal(int t) {
        return Math.sqrt(alphaCumprod(t));
    }

    /** Factor of eps in x_t: sqrt(1 - alphas_cumprod). */
    public double noise(int t) {
        return Math.sqrt(1 - alphaCumprod(t));
    }

    /** Variance of x_{t-1} given x_t and x_0; 0 at t = 0. Ho et al. 2020, equation 7. */
    public double posteriorVariance(int t) {
        return (1 - alphaCumprod(t - 1)) / (1 - alphaCumprod(t)) * betas[t];
    }

    /** The tables of q_sample as tensors in {@code scope}. */
    public QSample qSample(Scope scope) {
        return new QSample(table(scope, Math::sqrt), table(scope, a -> Math.sqrt(1 - a)));
    }

    private Tensor table(Scope scope, DoubleUnaryOperator of) {
        float[] values = new float[betas.length];
        for (int t = 0; t < values.length; t++) {
            values[t] = (float) of.applyAsDouble(alphasCumprod[t]);
        }
        return scope.tensor(Shape.of(values.length), values);
    }
}
