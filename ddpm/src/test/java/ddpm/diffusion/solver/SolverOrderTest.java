package ddpm.diffusion.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.Named;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.prediction.EdmPreconditioning;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.prediction.Velocity;
import ddpm.diffusion.schedule.Edm;
import ddpm.diffusion.schedule.Flow;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How fast the error of a deterministic solver falls with the number of steps, where the flow that it follows is known: for
 * data of N(mean, std^2) a point x keeps its place in the distribution,
 * {@code x' = signal' mean + sqrt(signal'^2 std^2 + noise'^2) / sqrt(signal^2 std^2 + noise^2) (x - signal mean)}.
 */
class SolverOrderTest {
    private static final double MEAN = 0.3;
    private static final double STD = 0.5;
    private static final double X = 0.8; // standard deviations from the mean at the start

    private static double deviation(Level l) {
        return Math.hypot(l.signal() * STD, l.noise());
    }

    static Course course(Schedule schedule, Prediction prediction, int steps) {
        double[] times = new double[steps];
        int last = schedule.timesteps() - 1;
        for (int i = 0; i < steps; i++) {
            times[i] = last * (1 - (double) i / steps);
        }
        return Course.over(schedule, prediction, times).endingAtFirst();
    }

    static double error(Solver solver, Course course) {
        Level first = course.level(0);
        double start = first.signal() * MEAN + deviation(first) * X;
        double want = course.end().signal() * MEAN + deviation(course.end()) * X;
        var network = PlanInDouble.exact(PlanInDouble.gaussian(MEAN, STD));
        return Math.abs(PlanInDouble.run(solver.plan(course), start, network) - want);
    }

    /** Slope of the least-squares line through log(error) against -log(steps). */
    static double order(Function<Integer, Double> error) {
        int[] steps = {16, 24, 32, 48, 64, 96, 128};
        double sx = 0;
        double sy = 0;
        double sxx = 0;
        double sxy = 0;
        for (int n : steps) {
            double x = Math.log(n);
            double y = Math.log(error.apply(n));
            sx += x;
            sy += y;
            sxx += x * x;
            sxy += x * y;
        }
        double n = steps.length;
        return -(n * sxy - sx * sy) / (n * sxx - sx * sx);
    }

    private static Solver solver(String name) {
        return Named.find(Solvers.ALL, "sampler", name).with(0, 0);
    }

    private static double order(String name, Schedule schedule, Prediction prediction) {
        return order(n -> error(solver(name), course(schedule, prediction, n)));
    }

    @ParameterizedTest
    @CsvSource({"euler", "ddim"})
    void firstOrder(String name) {
        assertEquals(1, order(name, new Edm(1000, 0.05, 5, 7), new EdmPreconditioning(0.5)), 0.15, name);
        assertEquals(1, order(name, new Flow(1000, 1), new Velocity()), 0.15, name);
    }

    @ParameterizedTest
    @CsvSource({"heun", "dpmpp_2m", "dpmpp_2s", "unipc", "pndm", "plms"})
    void secondOrderAtLeast(String name) {
        double order = order(name, new Edm(1000, 0.05, 5, 7), new EdmPreconditioning(0.5));
        assertTrue(order >= 1.8, name + ": " + order);
    }

    /** The same method in other coordinates, or with another prediction, is the same method. */
    @Test
    void predictionsDoNotMatter() {
        Schedule schedule = new Edm(1000, 0.05, 5, 7);
        for (Named<Solvers.Recipe> named : Solvers.ALL) {
            Solver s = named.value().with(0.5, 4);
            double[] got = List.of(new EdmPreconditioning(0.5), new V(), new Velocity()).stream()
                    .mapToDouble(p -> PlanInDouble.run(
                            s.plan(course(schedule, p, 9)),
                            2,
                            PlanInDouble.exact(PlanInDouble.twoPoints()),
                            i -> Math.sin(i)))
                    .toArray();
            assertEquals(got[0], got[1], 1e-9, named.name());
            assertEquals(got[0], got[2], 1e-9, named.name());
        }
    }

    /** The direction of Euler in sigma is that of DDIM: one step of either is the same. */
    @Test
    void eulerIsDdim() {
        Schedule schedule = new Edm(1000, 0.05, 5, 7);
        var network = PlanInDouble.exact(PlanInDouble.twoPoints());
        Course course = course(schedule, new V(), 7);
        assertEquals(
                PlanInDouble.run(solver("ddim").plan(course), 2, network),
                PlanInDouble.run(solver("euler").plan(course), 2, network),
                1e-12);
    }
}
