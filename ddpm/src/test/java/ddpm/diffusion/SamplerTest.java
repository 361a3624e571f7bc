package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.DdimSampler.Spacing;
import ddpm.engine.io.HostTensor;
import ddpm.testing.Golden;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The coefficients of the steps, in double. */
class SamplerTest {
    private static final NoiseSchedule SCHEDULE = new NoiseSchedule(ScheduleConfig.reference());
    private static final int T = SCHEDULE.timesteps();

    @Test
    void ddpmStepIsTheReferences() {
        Map<String, HostTensor> golden = Golden.tensors("scheduler.safetensors");
        DdpmSampler sampler = new DdpmSampler(SCHEDULE, false);
        for (int t : new int[] {0, 1, 500, 999}) {
            String at = "step/t" + t + "/";
            Update u = sampler.update(T - 1 - t);
            assertEquals(t, u.t());
            float[] xt = golden.get(at + "xt").toFloats();
            float[] eps = golden.get(at + "noise_pred").toFloats();
            float[] z = golden.get(at + "z").toFloats();
            float[] mean = new float[xt.length];
            float[] previous = new float[xt.length];
            float[] x0 = new float[xt.length];
            for (int i = 0; i < xt.length; i++) {
                x0[i] = (float) clamp(x0(u, xt[i], eps[i]));
                mean[i] = (float) next(u, xt[i], eps[i], 0);
                previous[i] = (float) next(u, xt[i], eps[i], z[i]);
            }
            Golden.assertClose(at + "mean", golden.get(at + "mean").toFloats(), mean, 1e-5);
            Golden.assertClose(at + "prev", golden.get(at + "prev").toFloats(), previous, 1e-5);
            Golden.assertClose(at + "x0_pred", golden.get(at + "x0_pred").toFloats(), x0, 1e-5);
            assertEquals(golden.get(at + "sigma").toFloats()[0], u.sigma(), 1e-6);
        }
    }

    private static double x0(Update u, double x, double eps) {
        return u.x0FromX() * x - u.x0FromEps() * eps;
    }

    private static double clamp(double v) {
        return Math.max(-1, Math.min(1, v));
    }

    private static double next(Update u, double x, double eps, double z) {
        double x0 = x0(u, x, eps);
        return u.fromX0() * (u.clip() ? clamp(x0) : x0) + u.fromX() * x + u.fromEps() * eps + u.sigma() * z;
    }

    @Test
    void clippingChangesNothingInside() {
        DdpmSampler clipped = new DdpmSampler(SCHEDULE, true);
        DdpmSampler plain = new DdpmSampler(SCHEDULE, false);
        for (int k = 0; k < T; k++) {
            Update a = clipped.update(k);
            Update b = plain.update(k);
            double eps = 0.4;
            double x = 0.3 * SCHEDULE.signal(a.t()) + SCHEDULE.noise(a.t()) * eps; // x_0 is 0.3
            assertEquals(0.3, x0(a, x, eps), 1e-9);
            assertEquals(next(b, x, eps, 0.7), next(a, x, eps, 0.7), 1e-9, "t=" + a.t());
        }
    }

    /** Ho et al. 2020, equation 7, for an estimate of 4 that is taken for 1. */
    @Test
    void clippedMeanIsThePosteriors() {
        Update u = new DdpmSampler(SCHEDULE, true).update(T - 1 - 300);
        double eps = -0.5;
        double x = 4 * SCHEDULE.signal(300) + SCHEDULE.noise(300) * eps;
        double a = SCHEDULE.alphaCumprod(300);
        double before = SCHEDULE.alphaCumprod(299);
        double want = Math.sqrt(before) * SCHEDULE.beta(300) / (1 - a)
                + Math.sqrt(SCHEDULE.alpha(300)) * (1 - before) / (1 - a) * x;
        assertEquals(want, next(u, x, eps, 0), 1e-12);
    }

    @Test
    void ddimWithFullNoiseAndAllStepsIsDdpm() {
        for (boolean clip : new boolean[] {true, false}) {
            DdpmSampler ddpm = new DdpmSampler(SCHEDULE, clip);
            for (Spacing spacing : Spacing.values()) {
                DdimSampler ddim = new DdimSampler(SCHEDULE, T, 1, spacing, clip);
                assertArrayEquals(ddpm.timesteps(), ddim.timesteps());
                for (int k = 0; k < T; k++) {
                    // inside, outside and at an edge of [-1,1]
                    for (double x : new double[] {0.1, 7, -1}) {
                        assertEquals(next(ddpm.update(k), x, 0.2, -0.6), next(ddim.update(k), x, 0.2, -0.6), 1e-9);
                    }
                }
            }
        }
    }

    /** Song et al. 2020, equation 12 as it stands there, with the clamped x_0 and its eps. */
    @Test
    void ddimIsEquationTwelve() {
        for (double eta : new double[] {0, 0.3, 1}) {
            for (boolean clip : new boolean[] {true, false}) {
                DdimSampler sampler = new DdimSampler(SCHEDULE, 37, eta, Spacing.TRAILING, clip);
                int[] timesteps = sampler.timesteps();
                for (int k = 0; k < timesteps.length; k++) {
                    int nextT = k + 1 < timesteps.length ? timesteps[k + 1] : -1;
                    for (double x : new double[] {0.2, -6}) {
                        double want = equationTwelve(timesteps[k], nextT, eta, clip, x, 0.8, 1.1);
                        assertEquals(want, next(sampler.update(k), x, 0.8, 1.1), 1e-9, "k=" + k);
                    }
                }
            }
        }
    }

    private static double equationTwelve(int t, int nextT, double eta, boolean clip, double x, double eps, double z) {
        double a = SCHEDULE.alphaCumprod(t);
        double next = SCHEDULE.alphaCumprod(nextT);
        double x0 = (x - Math.sqrt(1 - a) * eps) / Math.sqrt(a);
        if (clip) {
            x0 = clamp(x0);
            eps = (x - Math.sqrt(a) * x0) / Math.sqrt(1 - a);
        }
        double sigma = eta * Math.sqrt((1 - next) / (1 - a)) * Math.sqrt(1 - a / next);
        return Math.sqrt(next) * x0 + Math.sqrt(1 - next - sigma * sigma) * eps + sigma * z;
    }

    @Test
    void spacings() {
        int[] leading = new DdimSampler(SCHEDULE, 4, 0, Spacing.LEADING, true).timesteps();
        int[] trailing = new DdimSampler(SCHEDULE, 4, 0, Spacing.TRAILING, true).timesteps();
        assertArrayEquals(new int[] {750, 500, 250, 0}, leading);
        assertArrayEquals(new int[] {999, 749, 499, 249}, trailing);
        NoiseSchedule odd = new NoiseSchedule(new ScheduleConfig(53, 1e-4, 0.02));
        for (int steps = 1; steps <= 53; steps++) {
            for (Spacing spacing : Spacing.values()) {
                int[] t = new DdimSampler(odd, steps, 0, spacing, true).timesteps();
                assertEquals(steps, t.length);
                assertEquals(spacing == Spacing.LEADING ? 0 : 52, t[spacing == Spacing.LEADING ? steps - 1 : 0]);
                for (int k = 0; k < steps; k++) {
                    assertTrue(t[k] >= 0 && t[k] < 53 && (k == 0 || t[k] < t[k - 1]), spacing + " of " + steps);
                }
            }
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        assertRefused("steps must be from 1 to T=1000, got 0", 0, 0);
        assertRefused("steps must be from 1 to T=1000, got 1001", 1001, 0);
        assertRefused("eta must be from 0 to 1, got NaN", 10, Double.NaN);
        assertRefused("eta must be from 0 to 1, got 1.5", 10, 1.5);
    }

    private static void assertRefused(String message, int steps, double eta) {
        var e = assertThrows(
                IllegalArgumentException.class, () -> new DdimSampler(SCHEDULE, steps, eta, Spacing.LEADING, true));
        assertEquals("ddim: " + message, e.getMessage());
    }
}
