package ddpm.diffusion.likelihood;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import ddpm.engine.backend.Nhwc;
import java.util.function.IntFunction;

/**
 * The variational bound on the bits that a model needs for images, from one draw of the noise at each t:
 *
 * <pre>
 * bits = L_T + sum over t of L_t,     x_t = signal x_0 + noise eps
 * </pre>
 *
 * It costs T evaluations of the network; the sums on the host are in double and take some 10 s for 128 images of 28x28 and
 * T = 1000.
 *
 * @param variance of the model's steps
 * @param range to which estimates of the image are clipped, 1 for images; infinite for none
 * @param cdf {@link NormalCdf#EXACT}, or {@link NormalCdf#TANH} to compare with published numbers
 */
public record Bound(Schedule schedule, Prediction prediction, Variance variance, double range, NormalCdf cdf) {
    private static final double NATS_PER_BIT = Math.log(2);

    /**
     * The whole bound.
     *
     * @param x0 images of 256 levels as -1 .. 1, [N,H,W,C]
     * @param noise eps of each t, [N,H,W,C]; asked for from T-1 down
     * @throws IllegalArgumentException where the prediction cannot go with the schedule, as eps where no signal is left
     */
    public Bits of(Network network, Nhwc g, float[] x0, IntFunction<float[]> noise) {
        Bits.Step[] steps = new Bits.Step[schedule.timesteps()];
        for (int t = steps.length - 1; t >= 0; t--) {
            steps[t] = step(network, g, x0, noise.apply(t), t);
        }
        return new Bits(steps, prior(g, x0));
    }

    /** The term L_T of each image, [N]. */
    public double[] prior(Nhwc g, float[] x0) {
        Prior prior = Prior.of(schedule);
        double[] bits = new double[Math.toIntExact(g.n())];
        int size = x0.length / bits.length;
        for (int i = 0; i < x0.length; i++) {
            bits[i / size] += prior.nats(x0[i]);
        }
        return perDimension(bits, size);
    }

    /** The term of one t; T times a mean over random t estimates their sum with fewer. */
    public Bits.Step step(Network network, Nhwc g, float[] x0, float[] eps, int t) {
        double signal = schedule.signal(t);
        double noise = schedule.noise(t);
        Prediction.Coefficients f = prediction.at(signal, noise);
        if (!Double.isFinite(f.a()) || !Double.isFinite(f.b())) {
            throw new IllegalArgumentException("bound: t=" + t + ": " + prediction.unfit(schedule));
        }
        float[] x = new float[x0.length];
        float[] input = new float[x0.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (signal * x0[i] + noise * eps[i]);
            input[i] = (float) (f.input() * x[i]);
        }
        return step(new Said(network.predict(input, schedule.time(t)), variance, g), x0, x, eps, t);
    }

    private Bits.Step step(Said said, float[] x0, float[] x, float[] eps, int t) {
        BoundStep at = new BoundStep(schedule, prediction, variance, range, t);
        double signal = schedule.signal(t);
        double noise = schedule.noise(t);
        int images = said.images();
        int size = x0.length / images;
        Bits.Step sums = new Bits.Step(new double[images], new double[images], new double[images]);
        for (int i = 0; i < x.length; i++) {
            double estimate = at.estimate(x[i], said.f(i));
            double missed = (x[i] - signal * estimate) / noise - eps[i];
            int image = i / size;
            sums.bits()[image] += at.nats(cdf, x0[i], estimate, x[i], said.v(i));
            sums.x0Mse()[image] += (estimate - x0[i]) * (estimate - x0[i]);
            sums.epsMse()[image] += missed * missed;
        }
        perDimension(sums.bits(), size);
        for (int image = 0; image < images; image++) {
            sums.x0Mse()[image] /= size;
            sums.epsMse()[image] /= size;
        }
        return sums;
    }

    private static double[] perDimension(double[] nats, int size) {
        for (int image = 0; image < nats.length; image++) {
            nats[image] /= size * NATS_PER_BIT;
        }
        return nats;
    }

    /** The network's output by the place of a value in x_t. */
    private record Said(float[] output, boolean learned, int images, int channels) {
        Said(float[] output, Variance variance, Nhwc g) {
            this(output, variance == Variance.LEARNED_RANGE, Math.toIntExact(g.n()), Math.toIntExact(g.c()));
            long needed = g.n() * g.h() * g.w() * g.c() * (learned() ? 2 : 1);
            if (output.length != needed) {
                throw new IllegalArgumentException("bound: the network gave " + output.length + " values for " + g
                        + " and variance " + variance + ", needed are " + needed);
            }
        }

        double f(int i) {
            return output[learned ? i / channels * 2 * channels + i % channels : i];
        }

        double v(int i) {
            return learned ? output[i / channels * 2 * channels + channels + i % channels] : 0;
        }
    }
}
