package ddpm.diffusion.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Streams;
import ddpm.diffusion.Variance;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.schedule.Linear;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.random.Normals;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The bound from a few t of each image, on images of four values. */
class BoundEstimateTest {
    private static final int T = 60;
    private static final int SIZE = 4;

    private static float[] images(int count) {
        float[] x0 = new float[count * SIZE];
        for (int i = 0; i < x0.length; i++) {
            x0[i] = (float) (i * 37 % 256 / 127.5 - 1);
        }
        return x0;
    }

    private static Nhwc of(int images) {
        return new Nhwc(images, 2, 2, 1);
    }

    /** F = 0.9 x at any t; with some t in it, so that a t of another image would show. */
    private static final Network NETWORK = (x, times) -> {
        float[] f = new float[x.length];
        for (int i = 0; i < f.length; i++) {
            f[i] = (float) (0.9 * x[i] * times[i / SIZE] / (times[i / SIZE] + 1));
        }
        return f;
    };

    private static Bound bound(Schedule schedule, Prediction prediction) {
        return new Bound(schedule, prediction, Variance.FIXED_SMALL, 1, NormalCdf.EXACT);
    }

    private static BoundEstimate estimate(Bound bound, int ranges, long seed, int images, int batch) {
        BoundEstimate estimate =
                new BoundEstimate(bound, Strata.of(bound.schedule().timesteps(), ranges), seed);
        float[] x0 = images(images);
        for (int first = 0; first < images; first += batch) {
            int n = Math.min(batch, images - first);
            estimate.add(NETWORK, of(n), Arrays.copyOfRange(x0, first * SIZE, (first + n) * SIZE));
        }
        return estimate;
    }

    /** With every t a range of its own nothing is left to chance but the noise, which the whole bound is given too. */
    @Test
    void ofEveryTIsTheWholeBound() {
        Bound bound = bound(new Linear(T, 1e-3, 0.2, false).schedule(), new Eps());
        BoundEstimate got = estimate(bound, T + 5, 7, 6, 4);
        Bits want = bound.of(NETWORK, of(6), images(6), t -> {
            float[] eps = new float[6 * SIZE];
            for (int i = 0; i < 6; i++) {
                Normals.fill(7, Streams.BOUND_NOISE, i, t, eps, i * SIZE, SIZE);
            }
            return eps;
        });
        assertEquals(6, got.images());
        // sums of T terms, each rounded
        assertEquals(want.mean(), got.total().mean(), T * 0x1p-52 * want.mean());
        assertEquals(
                Arrays.stream(want.steps()[3].bits()).average().orElseThrow(),
                got.bits(3).mean(),
                8 * 0x1p-52 * got.bits(3).mean());
    }

    /** Ho et al. 2020, equations 5, 7, 10 and 13, straight in double; F is computed in float32. */
    @Test
    void itsTermsAreThoseOfThePaper() {
        Schedule schedule = new Linear(T, 1e-3, 0.2, false).schedule();
        Bound bound = bound(schedule, new Eps());
        float[] x0 = images(1);
        for (int t : new int[] {0, 1, 7, T - 1}) {
            float[] eps = {0.3f, -1.2f, 0.8f, 2};
            Bits.Step got = bound.step(NETWORK, of(1), x0, eps, t);
            double abar = Math.pow(schedule.signal(t), 2);
            double before = t == 0 ? 1 : Math.pow(schedule.signal(t - 1), 2);
            double beta = 1 - abar / before;
            double atOne = (1 - Math.pow(schedule.signal(0), 2))
                    / (1 - Math.pow(schedule.signal(1), 2))
                    * (1 - Math.pow(schedule.signal(1) / schedule.signal(0), 2));
            double variance = t == 0 ? atOne : (1 - before) / (1 - abar) * beta;
            double nats = 0;
            double loss = 0;
            for (int i = 0; i < SIZE; i++) {
                double x = (float) (Math.sqrt(abar) * x0[i] + Math.sqrt(1 - abar) * eps[i]);
                double f = (float) (0.9 * (float) x * t / (t + 1));
                double estimate = Math.max(-1, Math.min(1, (x - Math.sqrt(1 - abar) * f) / Math.sqrt(abar)));
                double ofX0 = Math.sqrt(before) * beta / (1 - abar);
                double ofX = Math.sqrt(1 - beta) * (1 - before) / (1 - abar);
                nats += t == 0
                        ? decoder(x0[i], estimate, Math.sqrt(variance))
                        : Math.pow(ofX0 * x0[i] + ofX * x - (ofX0 * estimate + ofX * x), 2) / (2 * variance);
                loss += Math.pow(f - eps[i], 2) / SIZE;
            }
            // the levels of noise come as float32's rounding of x_t, which the estimate divides by the signal
            double rounding = 32 * 0x1p-24 / Math.sqrt(abar);
            assertEquals(nats / SIZE / Math.log(2), got.bits()[0], rounding * (1 + got.bits()[0]), "t=" + t);
            assertEquals(loss, got.loss()[0], rounding * (1 + loss), "t=" + t);
        }
    }

    /** -log of the probability of a bin 2/255 wide, by Simpson's rule over 2000 parts. */
    private static double decoder(double x0, double mean, double sd) {
        double from = x0 < -0.999 ? mean - 12 * sd : x0 - 1 / 255.0;
        double to = x0 > 0.999 ? mean + 12 * sd : x0 + 1 / 255.0;
        int parts = 2000;
        double step = (to - from) / parts;
        double sum = 0;
        for (int k = 0; k <= parts; k++) {
            double z = (from + k * step - mean) / sd;
            double weight = k == 0 || k == parts ? 1 : k % 2 == 1 ? 4 : 2;
            sum += weight * Math.exp(-z * z / 2) / (sd * Math.sqrt(2 * Math.PI));
        }
        return -Math.log(Math.max(sum * step / 3, 1e-12));
    }

    /**
     * 40 estimates from 12 of 60 t, over as many seeds: their mean is that of every t, and their spread what each says of itself. The mean
     * of 40 is off by more than 4 errors of it in 1 of 16,000 cases, a deviation of 40 values by more than half in fewer.
     */
    @Test
    void aFewTGiveTheSameInTheMeanAndKnowTheirError() {
        Bound bound = bound(new Linear(T, 1e-3, 0.2, false).schedule(), new Eps());
        int seeds = 40;
        int images = 24;
        double[] apart = new double[seeds];
        for (int seed = 0; seed < seeds; seed++) {
            apart[seed] = estimate(bound, 12, seed, images, images).total().mean()
                    - estimate(bound, T, 1000 + seed, images, images).total().mean();
        }
        double mean = Arrays.stream(apart).average().orElseThrow();
        double spread = Math.sqrt(Arrays.stream(apart).map(a -> a * a).sum() / seeds);
        assertEquals(0, mean, 4 * spread / Math.sqrt(seeds));
        double said = estimate(bound, 12, 0, images, images).total().error();
        // the error also holds how much the images differ, which is the same for both
        assertTrue(spread < 2 * said, "spread " + spread + ", said " + said);
        double ofOneImage = estimate(bound, 12, 0, 1, 1).total().error();
        assertTrue(Double.isNaN(ofOneImage));
    }

    /** Where no signal is left at T-1 the term of T is nothing, and v can be asked there. */
    @Test
    void nothingIsLeftWithZeroSnr() {
        Schedule schedule = new Linear(T, 1e-3, 0.2, true).schedule();
        BoundEstimate got = estimate(bound(schedule, new V()), 8, 1, 5, 5);
        assertEquals(0, got.prior());
        assertTrue(Double.isFinite(got.total().mean()));
        assertTrue(estimate(bound(new Linear(T, 1e-3, 0.2, false).schedule(), new V()), 8, 1, 5, 5)
                        .prior()
                > 0);
    }

    @Test
    void theBatchDoesNotMatter() {
        Bound bound = bound(new Linear(T, 1e-3, 0.2, false).schedule(), new Eps());
        assertEquals(
                estimate(bound, 9, 3, 7, 7).total(), estimate(bound, 9, 3, 7, 2).total());
    }

    @Test
    void rangesHoldEveryTOnce() {
        for (int timesteps : new int[] {1, 2, 3, 20, 1000}) {
            for (int count : new int[] {2, 3, 7, 50, 1000, 2000}) {
                Strata strata = Strata.of(timesteps, count);
                assertEquals(Math.min(count, timesteps), strata.count(), timesteps + ", " + count);
                int next = 0;
                for (int range = 0; range < strata.count(); range++) {
                    assertEquals(next, strata.first()[range]);
                    assertTrue(strata.length(range) >= 1, timesteps + ", " + count + ": " + range);
                    next = strata.last(range) + 1;
                }
                assertEquals(timesteps, next);
                assertEquals(0, strata.last(0), "t = 0 is by itself");
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Strata.of(10, 1));
    }

    /** Of 10,000 images each of n t is asked by 10,000 / n, within 5 deviations of a binomial number. */
    @Test
    void everyTOfARangeIsAsLikely() {
        Strata strata = Strata.of(100, 4);
        int range = 3;
        int n = strata.length(range);
        int[] counts = new int[n];
        for (int image = 0; image < 10_000; image++) {
            counts[strata.pick(5, image, range) - strata.first()[range]]++;
        }
        for (int count : counts) {
            assertEquals(10_000.0 / n, count, 5 * Math.sqrt(10_000.0 / n));
        }
    }
}
