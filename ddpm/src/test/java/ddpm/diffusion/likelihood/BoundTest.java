package ddpm.diffusion.likelihood;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Condition;
import ddpm.diffusion.Posterior;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.X0;
import ddpm.diffusion.schedule.Cosine;
import ddpm.diffusion.schedule.Edm;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The bound of data that are normally distributed, where the best model is known. For values of N(0, s^2), with
 * {@code A = signal^2 s^2 + noise^2} and ' for t-1,
 *
 * <pre>
 * E[x_0 | x_t] = signal s^2 / A x_t          Var[x_(t-1) | x_t] = beta A' / A
 * </pre>
 *
 * A model with this estimate and variance undoes the forward process exactly, however few its steps. Then the bound is no bound
 * but the likelihood of each x_0: bits = -log2(2/255 / (s sqrt(2 pi))) + x_0^2 / (2 s^2) log2(e), where 2/255 is a level's width.
 *
 * <p>All terms but the last are squares of eps: with eps of +1 and -1, half of each, their means are those of a standard normal.
 */
class BoundTest {
    private static final Nhwc TWO = new Nhwc(1, 1, 2, 1);
    private static final float[] EPS = {1, -1};

    private static float[] level(int i) {
        float x = (float) (i / 127.5 - 1);
        return new float[] {x, x};
    }

    private static double likelihood(double s, double x0) {
        double density = Math.exp(-x0 * x0 / (2 * s * s)) / (s * Math.sqrt(2 * Math.PI));
        return -Math.log(density * 2 / 255) / Math.log(2);
    }

    /** The best network for N(0, s^2), which says x_0 and, as a share between the two fixed variances, the true one. */
    private static Network best(Schedule schedule, double s) {
        return (x, time) -> {
            int t = (int) Math.round(time[0]);
            double signal = schedule.signal(t);
            double all = spread(schedule, t, s);
            double small = Math.log(Posterior.at(schedule, Math.max(1, t)).variance());
            double beta = Math.log(Posterior.at(schedule, t).beta());
            double before = t == 0 ? s * s : spread(schedule, t - 1, s);
            double share = (beta + Math.log(before / all) - small) / (beta - small);
            float[] said = new float[2 * x.length];
            for (int i = 0; i < x.length; i++) {
                said[2 * i] = (float) (signal * s * s / all * x[i]);
                said[2 * i + 1] = (float) (2 * share - 1);
            }
            return said;
        };
    }

    private static double spread(Schedule schedule, int t, double s) {
        double signal = schedule.signal(t) * s;
        double noise = schedule.noise(t);
        return signal * signal + noise * noise;
    }

    private static double bits(Schedule schedule, Variance variance, Network network, float[] x0) {
        Bound bound = new Bound(schedule, new X0(), variance, Double.POSITIVE_INFINITY, NormalCdf.EXACT);
        return bound.of(network, TWO, x0, t -> EPS).mean();
    }

    /** Data of N(0, 1) end as N(0, 1) at any T, so the start of sampling is exact too. Left is the width of a bin. */
    @Test
    void ofTheExactModelIsTheLikelihoodWithAnyNumberOfSteps() {
        for (int steps : new int[] {2, 5, 40}) {
            Schedule schedule = new Linear(steps, 0.02, 0.5, false).schedule();
            for (int i : new int[] {20, 128, 200}) {
                double got = bits(schedule, Variance.LEARNED_RANGE, best(schedule, 1), level(i));
                assertEquals(likelihood(1, level(i)[0]), got, 1e-3, steps + " steps, level " + i);
            }
        }
    }

    /** Narrower data: signal_T is 5e-5 of them, so x_T is N(0, 1) but for what cannot be seen. */
    @Test
    void ofNarrowerDataToo() {
        Schedule schedule = new Cosine(300, 0.999, false).schedule();
        for (int i : new int[] {60, 128, 150}) {
            double got = bits(schedule, Variance.LEARNED_RANGE, best(schedule, 0.5), level(i));
            // the first step's noise is about two bins, and the probability of a bin is not quite its density
            assertEquals(likelihood(0.5, level(i)[0]), got, 0.02, "level " + i);
        }
    }

    /**
     * With a fixed variance each step costs KL of N(m, e^l1) to N(m, e^l2), about (l1 - l2)^2 / 4 for a small step: T times as
     * many steps, each with 1/T of that difference, cost 1/T in all. Steps of equal ratio: sigma of 0.1 to 10.
     */
    @Test
    void ofFixedVariancesTendsToItWithManySteps() {
        double[] excess = new double[2];
        for (int i = 0; i < 2; i++) {
            Edm schedule = new Edm(i == 0 ? 200 : 400, 0.1, 10, 100);
            excess[i] = laterTerms(schedule, Variance.FIXED_SMALL) - laterTerms(schedule, Variance.LEARNED_RANGE);
        }
        assertTrue(excess[1] > 0, "a bound is from above");
        assertEquals(2, excess[0] / excess[1], 0.1, "half of it with twice the steps: " + Arrays.toString(excess));
    }

    /** L_t of t = 1 .. T-1, of data N(0, 0.5^2). */
    private static double laterTerms(Edm schedule, Variance variance) {
        Schedule timed = timed(schedule);
        Network learned = best(timed, 0.5);
        Network network = variance == Variance.LEARNED_RANGE
                ? learned
                : (x, time) -> {
                    float[] both = learned.predict(x, time);
                    return new float[] {both[0], both[2]};
                };
        Bound bound = new Bound(timed, new X0(), variance, Double.POSITIVE_INFINITY, NormalCdf.EXACT);
        double sum = 0;
        for (int t = 1; t < schedule.timesteps(); t++) {
            sum += bound.step(network, TWO, level(150), EPS, t).bits()[0];
        }
        return sum;
    }

    /** The same levels with t for the network's time. */
    private static Schedule timed(Edm schedule) {
        return new Schedule() {
            @Override
            public int timesteps() {
                return schedule.timesteps();
            }

            @Override
            public double signal(double t) {
                return 1;
            }

            @Override
            public double noise(double t) {
                return schedule.noise(t);
            }

            @Override
            public double atSigma(double sigma) {
                return schedule.atSigma(sigma);
            }
        };
    }

    /** A model that is off by d of the image costs (x0's factor d)^2 / (2 variance) nats more in each step. */
    @Test
    void aWrongEstimateCostsItsSquare() {
        Schedule schedule = ScheduleConfig.reference().schedule();
        Bound bound = new Bound(schedule, new X0(), Variance.FIXED_SMALL, 1, NormalCdf.EXACT);
        float[] x0 = level(100);
        Network off = (x, time) -> new float[] {x0[0] + 0.25f, x0[1] - 0.25f};
        for (int t : new int[] {1, 500, 999}) {
            Posterior p = Posterior.at(schedule, t);
            double nats = p.x0() * p.x0() * 0.0625 / (2 * p.variance());
            Bits.Step step = bound.step(off, TWO, x0, EPS, t);
            assertEquals(nats / Math.log(2), step.bits()[0], 1e-5 * nats);
            assertEquals(0.0625, step.x0Mse()[0], 1e-7);
            double ratio = schedule.signal(t) / schedule.noise(t);
            assertEquals(0.0625 * ratio * ratio, step.epsMse()[0], 1e-4 * ratio * ratio);
        }
    }

    @Test
    void estimatesAreClipped() {
        Schedule schedule = ScheduleConfig.reference().schedule();
        Bound bound = new Bound(schedule, new X0(), Variance.FIXED_SMALL, 1, NormalCdf.EXACT);
        Bits.Step step = bound.step((x, time) -> new float[] {7, -7}, TWO, new float[] {1, -1}, EPS, 300);
        assertEquals(0, step.x0Mse()[0]);
        assertEquals(0, step.bits()[0], 1e-12);
    }

    /** KL of N(signal x_0, noise^2) to N(0, 1). */
    @Test
    void priorIsWhatIsLeftOfTheImage() {
        Schedule schedule = ScheduleConfig.reference().schedule();
        double signal = schedule.signal(999);
        double variance = 1 - signal * signal;
        double[] bits = new Bound(schedule, new Eps(), Variance.FIXED_SMALL, 1, NormalCdf.EXACT)
                .prior(new Nhwc(2, 1, 1, 2), new float[] {1, 1, 0, 0});
        double zero = (variance - 1 - Math.log(variance)) / 2 / Math.log(2);
        assertEquals(zero + signal * signal / 2 / Math.log(2), bits[0], 1e-15);
        assertEquals(zero, bits[1], 1e-15);
    }

    @OnEachDevice
    void aDenoiserOnABackendGivesTheSame(Device device) {
        Schedule schedule = new Linear(6, 0.02, 0.5, false).schedule();
        Nhwc g = new Nhwc(3, 2, 2, 2);
        float[] x0 = new float[24];
        float[] eps = new float[24];
        for (int i = 0; i < x0.length; i++) {
            x0[i] = (float) ((i * 37 % 256) / 127.5 - 1);
            eps[i] = (float) Math.sin(i);
        }
        Bound bound = new Bound(schedule, new Eps(), Variance.FIXED_SMALL, 1, NormalCdf.EXACT);
        Network host = (x, time) -> {
            float[] half = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                half[i] = 0.5f * x[i];
            }
            return half;
        };
        Network there = Network.of((x, time, condition) -> x.scale(0.5f), device.backend(), g, Condition.NONE);
        Bits want = bound.of(host, g, x0, t -> eps);
        Bits got = bound.of(there, g, x0, t -> eps);
        for (int t = 0; t < want.steps().length; t++) {
            assertArrayEquals(want.steps()[t].bits(), got.steps()[t].bits());
        }
        assertEquals(want.mean(), got.mean());
    }

    @Test
    void refusesWhatCannotBe() {
        Schedule lost = new Linear(10, 0.01, 0.5, true).schedule();
        Bound nothing = new Bound(lost, new Eps(), Variance.FIXED_SMALL, 1, NormalCdf.EXACT);
        IllegalArgumentException atTheEnd =
                assertThrows(IllegalArgumentException.class, () -> nothing.of((x, t) -> x, TWO, level(3), t -> EPS));
        assertTrue(atTheEnd.getMessage().contains("take v"), atTheEnd.getMessage());
        assertTrue(nothing.step((x, t) -> x, TWO, level(3), EPS, 8).bits()[0] > 0, "before the end it can be told");
        Schedule schedule = ScheduleConfig.reference().schedule();
        Bound learned = new Bound(schedule, new Eps(), Variance.LEARNED_RANGE, 1, NormalCdf.EXACT);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> learned.step((x, t) -> x, TWO, level(3), EPS, 1));
        assertTrue(e.getMessage().contains("needed are 4"), e.getMessage());
    }
}
