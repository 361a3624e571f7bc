package ddpm.diffusion.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Schedule;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.schedule.ScheduleConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables of the two samplers of the tutorial, against the papers' equations, and which t are visited. */
class SolverTest {
    private static final BetaSchedule SCHEDULE = ScheduleConfig.reference().schedule();
    private static final int T = SCHEDULE.timesteps();

    private static Plan plan(Solver solver, Spacing spacing, int steps, Clip clip) {
        return solver.plan(Course.over(SCHEDULE, new Eps(), spacing.times(SCHEDULE, steps, true))
                .with(clip));
    }

    /** One stage from x with a network that says eps. */
    private static double next(Stage stage, double x, double eps, double z) {
        return PlanInDouble.run(new Plan(List.of(stage), 1, Level.IMAGE), x, (l, in) -> eps, i -> z);
    }

    private static double clamp(double v) {
        return Math.max(-1, Math.min(1, v));
    }

    /** Ho et al. 2020, equation 7, for an estimate of 4 that is taken for 1, and its variance. */
    @Test
    void clippedMeanIsThePosteriors() {
        Stage stage =
                plan(new Ddpm(), Spacing.TRAILING, T, Clip.TO_IMAGE).stages().get(T - 1 - 300);
        double eps = -0.5;
        double x = 4 * SCHEDULE.signal(300) + SCHEDULE.noise(300) * eps;
        double a = SCHEDULE.alphaCumprod(300);
        double before = SCHEDULE.alphaCumprod(299);
        double want = Math.sqrt(before) * SCHEDULE.beta(300) / (1 - a)
                + Math.sqrt(SCHEDULE.alpha(300)) * (1 - before) / (1 - a) * x;
        assertEquals(want, next(stage, x, eps, 0), 1e-12);
        assertEquals((1 - before) / (1 - a) * SCHEDULE.beta(300), stage.sd() * stage.sd(), 1e-12);
    }

    /** Equation 11: without clipping the mean is that of the predicted noise. */
    @Test
    void plainMeanIsEquationEleven() {
        Plan plan = plan(new Ddpm(), Spacing.TRAILING, T, Clip.NONE);
        for (int t : new int[] {0, 1, 500, 999}) {
            Stage stage = plan.stages().get(T - 1 - t);
            double alpha = SCHEDULE.alpha(t);
            double want = (1.7 - SCHEDULE.beta(t) / SCHEDULE.noise(t) * 0.4) / Math.sqrt(alpha);
            assertEquals(want, next(stage, 1.7, 0.4, 0), 1e-9, "t=" + t);
            assertEquals(t, stage.key());
        }
        assertEquals(0, plan.stages().get(T - 1).sd(), "nothing is random in the last step");
    }

    @Test
    void clippingChangesNothingInside() {
        Plan clipped = plan(new Ddpm(), Spacing.TRAILING, T, Clip.TO_IMAGE);
        Plan plain = plan(new Ddpm(), Spacing.TRAILING, T, Clip.NONE);
        for (int k = 0; k < T; k++) {
            double t = T - 1 - k;
            double x = 0.3 * SCHEDULE.signal(t) + SCHEDULE.noise(t) * 0.4; // x_0 is 0.3
            assertEquals(
                    next(plain.stages().get(k), x, 0.4, 0.7),
                    next(clipped.stages().get(k), x, 0.4, 0.7),
                    1e-9,
                    "t=" + t);
        }
    }

    @Test
    void ddimWithFullNoiseAndAllStepsIsDdpm() {
        for (Clip clip : new Clip[] {Clip.TO_IMAGE, Clip.NONE}) {
            for (Spacing spacing : new Spacing[] {Spacing.TRAILING, Spacing.LEADING, Spacing.LINSPACE}) {
                Plan ddpm = plan(new Ddpm(), spacing, T, clip);
                Plan ddim = plan(new Ddim(1, true), spacing, T, clip);
                for (int k = 0; k < T; k++) {
                    // inside, outside and at an edge of [-1,1]
                    for (double x : new double[] {0.1, 7, -1}) {
                        assertEquals(
                                next(ddpm.stages().get(k), x, 0.2, -0.6),
                                next(ddim.stages().get(k), x, 0.2, -0.6),
                                1e-8);
                    }
                }
            }
        }
    }

    /** Song et al. 2020, equation 12 as it stands there, with the clamped x_0 and its eps. */
    @Test
    void ddimIsEquationTwelve() {
        for (double eta : new double[] {0, 0.3, 1}) {
            for (Clip clip : new Clip[] {Clip.TO_IMAGE, Clip.NONE}) {
                double[] times = Spacing.TRAILING.times(SCHEDULE, 37, true);
                Plan plan = plan(new Ddim(eta, true), Spacing.TRAILING, 37, clip);
                for (int k = 0; k < times.length; k++) {
                    int next = k + 1 < times.length ? (int) times[k + 1] : -1;
                    for (double x : new double[] {0.2, -6}) {
                        double want = equationTwelve((int) times[k], next, eta, clip != Clip.NONE, x, 0.8, 1.1);
                        assertEquals(want, next(plan.stages().get(k), x, 0.8, 1.1), 1e-9, "k=" + k);
                    }
                }
            }
        }
    }

    private static double equationTwelve(int t, int nextT, double eta, boolean clip, double x, double eps, double z) {
        double a = SCHEDULE.alphaCumprod(t);
        double next = SCHEDULE.alphaCumprod(nextT);
        double x0 = (x - Math.sqrt(1 - a) * eps) / Math.sqrt(a);
        double e = eps;
        if (clip) {
            x0 = clamp(x0);
            e = (x - Math.sqrt(a) * x0) / Math.sqrt(1 - a);
        }
        double sigma = eta * Math.sqrt((1 - next) / (1 - a)) * Math.sqrt(1 - a / next);
        return Math.sqrt(next) * x0 + Math.sqrt(Math.max(0, 1 - next - sigma * sigma)) * e + sigma * z;
    }

    @Test
    void spacings() {
        assertArrayEquals(new double[] {750, 500, 250, 0}, Spacing.LEADING.times(SCHEDULE, 4, true));
        assertArrayEquals(new double[] {999, 749, 499, 249}, Spacing.TRAILING.times(SCHEDULE, 4, true));
        assertArrayEquals(new double[] {999, 666, 333, 0}, Spacing.LINSPACE.times(SCHEDULE, 4, true));
        double[] karras = Spacing.karras(SCHEDULE, 5);
        assertEquals(SCHEDULE.sigma(999), karras[0], 1e-9);
        assertEquals(SCHEDULE.sigma(0), karras[4], 1e-12);
        Schedule odd = new Linear(53, 1e-4, 0.02, false).schedule();
        for (int steps = 1; steps <= 53; steps++) {
            for (Spacing spacing : Spacing.values()) {
                double[] t = spacing.times(odd, steps, spacing != Spacing.KARRAS);
                assertEquals(steps, t.length);
                assertEquals(spacing == Spacing.LEADING ? 0 : 52, t[spacing == Spacing.LEADING ? steps - 1 : 0]);
                for (int k = 0; k < steps; k++) {
                    assertTrue(t[k] >= 0 && t[k] < 53 && (k == 0 || t[k] < t[k - 1]), spacing + " of " + steps);
                }
            }
        }
    }

    /** x_T of a schedule that ends in noise: v leads on, and in sigma space the start has the scale of the noise. */
    @Test
    void startsWhereNothingIsLeft() {
        Schedule zero = new Linear(1000, 1e-4, 0.02, true).schedule();
        Course course = Course.over(zero, new V(), Spacing.TRAILING.times(zero, 5, true));
        assertEquals(1, new Ddim(1, true).plan(course).start());
        Plan euler = new Euler().plan(course);
        assertEquals(4096, euler.start(), 1e-3);
        assertEquals(1 / 4096.0, euler.stages().get(0).level().input(), 1e-9);
    }

    /** Slots are counted, so that a chain sets aside no more than it needs. */
    @Test
    void slotsAreThoseThatAreUsed() {
        assertEquals(0, plan(new Ddpm(), Spacing.TRAILING, 10, Clip.NONE).slots());
        assertEquals(
                1,
                plan(new DpmPlusPlus2M(0, false, true), Spacing.TRAILING, 10, Clip.NONE)
                        .slots());
        assertEquals(3, plan(new UniPc(), Spacing.TRAILING, 10, Clip.NONE).slots());
        assertEquals(
                5, plan(new Pndm(true, false), Spacing.LEADING, 10, Clip.NONE).slots());
        assertEquals(
                19, plan(new Heun(0, 0, 1, 1), Spacing.LEADING, 10, Clip.NONE).evaluations());
    }
}
