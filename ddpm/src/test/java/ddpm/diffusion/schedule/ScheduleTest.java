package ddpm.diffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.Named;
import ddpm.config.Problems;
import ddpm.diffusion.Schedule;
import ddpm.engine.tensor.HostTensor;
import ddpm.testing.Golden;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ScheduleTest {
    private static final Map<String, HostTensor> GOLDEN = Golden.tensors("scheduler.safetensors");

    /** Against the same formulas in double: both round each of at most T = 1000 products. */
    @Test
    void linearTablesAreTheReferences() {
        BetaSchedule s = ScheduleConfig.reference().schedule();
        check("betas", s::beta);
        check("alphas", s::alpha);
        check("alphas_cumprod", s::alphaCumprod);
        check("sqrt_alphas_cumprod", t -> s.signal(t));
        check("sqrt_one_minus_alphas_cumprod", t -> s.noise(t));
        assertEquals(1, s.alphaCumprod(-1));
    }

    private static void check(String name, IntToDoubleFunction of) {
        double[] want = GOLDEN.get(name + "_f64").toDoubles();
        float[] single = GOLDEN.get(name).toFloats();
        for (int t = 0; t < want.length; t++) {
            assertEquals(want[t], of.applyAsDouble(t), 1000 * 0x1p-53, name + " at " + t);
            assertEquals(single[t], of.applyAsDouble(t), 2e-6, name + " at " + t);
        }
    }

    private static Problems problems(ScheduleConfig config) {
        Problems problems = new Problems();
        config.check(problems.in("diffusion"));
        return problems;
    }

    static final List<Named<ScheduleConfig>> ALL = Schedules.ALL;

    /** What samplers and training rely on, for every kind with the settings of the list. */
    @ParameterizedTest
    @FieldSource("ALL")
    void noiseGrowsAndSigmaFindsItsWayBack(Named<ScheduleConfig> kind) {
        assertTrue(problems(kind.value()).isEmpty(), kind.name());
        Schedule s = kind.value().schedule();
        int last = s.timesteps() - 1;
        for (int t = 0; t < last; t++) {
            assertTrue(s.sigma(t) < s.sigma(t + 1), kind.name() + " at " + t);
            double signal = s.signal(t);
            double noise = s.noise(t);
            assertEquals(noise / signal, s.sigma(t), 1e-9 * s.sigma(t));
            if (s.variancePreserving()) {
                assertEquals(1, signal * signal + noise * noise, 1e-12);
            }
        }
        // between whole t one way is linear in sigma and the other in log sigma, as the reference has it
        for (double t : new double[] {0.25, 7.5, last / 2.0 + 0.1, last - 1.5}) {
            assertEquals(Math.floor(t), Math.floor(s.atSigma(s.sigma(t))), kind.name() + " at " + t);
        }
        for (int t : new int[] {0, 3, last - 1}) {
            assertEquals(t, s.atSigma(s.sigma(t)), 1e-6, kind.name());
        }
    }

    /** Lin et al. 2024, algorithm 1: the first level stays, the last has no image. */
    @Test
    void stretchedSchedulesEndInNoise() {
        for (boolean zero : new boolean[] {false, true}) {
            for (ScheduleConfig config : new ScheduleConfig[] {
                new Linear(100, 1e-3, 0.1, zero), new ScaledLinear(100, 1e-3, 0.1, zero),
                new Cosine(100, 0.999, zero), new Sigmoid(100, 1e-3, 0.1, zero)
            }) {
                BetaSchedule s = (BetaSchedule) config.schedule();
                assertEquals(zero, s.endsInNoise(), config.toString());
                assertEquals(zero ? 0 : s.alphaCumprod(99), s.alphaCumprod(99));
                assertTrue(Double.isFinite(s.sigma(99)), config.toString());
            }
        }
        BetaSchedule plain = new Linear(100, 1e-3, 0.1, false).schedule();
        BetaSchedule stretched = new Linear(100, 1e-3, 0.1, true).schedule();
        assertEquals(plain.alphaCumprod(0), stretched.alphaCumprod(0), 1e-15);
        double product = 1;
        for (int t = 0; t < 100; t++) {
            product *= stretched.alpha(t);
            assertEquals(stretched.alphaCumprod(t), product, 1e-12, "betas and alphas_cumprod agree at " + t);
        }
    }

    /** Nichol &amp; Dhariwal 2021, equation 17: alphas_cumprod = f(t) / f(0) until the cap. */
    @Test
    void cosineIsItsFormula() {
        BetaSchedule s = new Cosine(400, 0.999, false).schedule();
        for (int t : new int[] {0, 100, 399 - 2}) {
            assertEquals(f((t + 1) / 400.0) / f(0), s.alphaCumprod(t), 1e-12, "t=" + t);
        }
        assertEquals(0.999, s.beta(399), 1e-12);
    }

    private static double f(double u) {
        double c = Math.cos((u + 0.008) / 1.008 * Math.PI / 2);
        return c * c;
    }

    @Test
    void flowIsAStraightLineAndShiftMovesItToNoise() {
        Schedule line = new Flow(1000, 1).schedule();
        assertEquals(0.25, line.noise(249), 1e-15);
        assertEquals(0.75, line.signal(249), 1e-15);
        assertEquals(250, line.time(249), 1e-12);
        assertTrue(line.endsInNoise());
        assertFalse(line.variancePreserving());
        Schedule shifted = new Flow(1000, 3).schedule();
        assertEquals(3 * 0.25 / (1 + 2 * 0.25), shifted.noise(249), 1e-15);
    }

    @Test
    void edmGoesFromSigmaMinToSigmaMax() {
        Schedule s = new Edm(18, 0.002, 80, 7).schedule();
        assertEquals(0.002, s.noise(0), 1e-15);
        assertEquals(80, s.noise(17), 1e-10);
        assertEquals(1, s.signal(9));
    }

    @Test
    void whatCannotBeIsNamed() {
        assertNamed(
                "beta_end", "lower diffusion.beta_end or diffusion.timesteps", new Linear(100_000, 1e-4, 0.02, false));
        assertTrue(problems(new Linear(100_000, 1e-4, 0.02, true)).isEmpty());
        assertNamed("beta_end", "swap them", new ScaledLinear(10, 0.2, 0.1, false));
        assertNamed("timesteps", "from 2 to", new Cosine(1, 0.999, false));
        assertNamed("max_beta", "above 0 and below 1", new Cosine(10, 1, false));
        assertNamed("shift", "above 0", new Flow(10, 0));
        assertNamed("sigma_max", "noise grows with t", new Edm(10, 1, 0.5, 7));
        assertNamed("rho", "from 1", new Edm(10, 1, 2, 0.5));
    }

    private static void assertNamed(String key, String part, ScheduleConfig config) {
        assertTrue(
                problems(config).found().stream()
                        .anyMatch(p ->
                                p.key().equals("diffusion." + key) && p.text().contains(part)),
                problems(config).found().toString());
    }
}
