package ddpm.diffusion.likelihood;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import ddpm.engine.backend.Nhwc;
import java.util.Arrays;
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
        for (int image = 0; image < bits.length; image++) {
            bits[image] /= size * NATS_PER_BIT;
        }
        return bits;
    }

    /** The term of one t. */
    public Bits.Step step(Network network, Nhwc g, float[] x0, float[] eps, int t) {
        int[] all = new int[Math.toIntExact(g.n())];
        Arrays.fill(all, t);
        return step(network, g, x0, eps, all);
    }

    /**
     * The term of a t of each image's own, with one call of the network. The number of t times a mean over random ones estimates the
     * sum of all, see {@link Strata}.
     *
     * @param t [N]
     */
    public Bits.Step step(Network network, Nhwc g, float[] x0, float[] eps, int[] t) {
        float[] x = new float[x0.length];
        float[] input = new float[x0.length];
        double[] times = new double[t.length];
        int size = x0.length / t.length;
        for (int image = 0; image < t.length; image++) {
            double signal = schedule.signal(t[image]);
            double noise = schedule.noise(t[image]);
            Prediction.Coefficients f = prediction.at(signal, noise);
            if (!Double.isFinite(f.a()) || !Double.isFinite(f.b())) {
                throw new IllegalArgumentException("bound: t=" + t[image] + ": " + prediction.unfit(schedule));
            }
            for (int i = image * size; i < (image + 1) * size; i++) {
                x[i] = (float) (signal * x0[i] + noise * eps[i]);
                input[i] = (float) (f.input() * x[i]);
            }
            times[image] = schedule.time(t[image]);
        }
        Said said = new Said(network.predict(input, times), variance, g);
        Bits.Step terms = new Bits.Step(t.length);
        for (int image = 0; image < t.length; image++) {
            ofImage(terms, image, said, new Known(x0, x, eps, size), t[image]);
        }
        return terms;
    }

    /** A batch. @param size values of an image */
    private record Known(float[] x0, float[] x, float[] eps, int size) {}

    private void ofImage(Bits.Step terms, int image, Said said, Known known, int t) {
        BoundStep at = new BoundStep(schedule, prediction, variance, range, t);
        double signal = schedule.signal(t);
        double noise = schedule.noise(t);
        Prediction.Coefficients f = prediction.at(signal, noise);
        double nats = 0;
        double x0Off = 0;
        double epsOff = 0;
        double off = 0;
        for (int i = image * known.size; i < (image + 1) * known.size; i++) {
            double x0 = known.x0[i];
            double x = known.x[i];
            double estimate = at.estimate(x, said.f(i));
            double missed = (x - signal * estimate) / noise - known.eps[i];
            double wrong = said.f(i) - f.c() * x0 - f.d() * known.eps[i];
            nats += at.nats(cdf, x0, estimate, x, said.v(i));
            x0Off += (estimate - x0) * (estimate - x0);
            epsOff += missed * missed;
            off += wrong * wrong;
        }
        terms.bits()[image] = nats / known.size / NATS_PER_BIT;
        terms.x0Mse()[image] = x0Off / known.size;
        terms.epsMse()[image] = epsOff / known.size;
        terms.loss()[image] = off / known.size;
    }

    /** The network's output by the place of a value in x_t. */
    private record Said(float[] output, boolean learned, int channels) {
        Said(float[] output, Variance variance, Nhwc g) {
            this(output, variance == Variance.LEARNED_RANGE, Math.toIntExact(g.c()));
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
