package ddpm.diffusion.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.config.Named;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.schedule.ScheduleConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final Schedule SCHEDULE = ScheduleConfig.reference().schedule();

    private static Plan plan(Solver solver, double... times) {
        return solver.plan(Course.over(SCHEDULE, new Eps(), times));
    }

    @Test
    void someSolversRemember() {
        double[] times = {900, 700, 500, 300, 100, 0};
        List<String> remember = Solvers.ALL.stream()
                .filter(s -> plan(s.value().with(1, 1), times).remembers())
                .map(Named::name)
                .toList();
        assertEquals(List.of("dpmpp_2m", "dpmpp_2m_sde", "unipc", "pndm", "plms"), remember);
        for (String name : remember) {
            Plan plan = plan(Named.find(Solvers.ALL, "sampler", name).with(1, 1), times);
            assertThrows(IllegalArgumentException.class, () -> plan.repeated(2));
        }
    }

    /** Each step three times but the last, and q(x_600 | x_200) in between. */
    @Test
    void stepsAreRepeatedAfterGoingBack() {
        Plan once = plan(new Heun(0, 0, 1, 1), 600, 200);
        Plan thrice = once.repeated(3);
        assertEquals(once.evaluations() + 2 * 2, thrice.evaluations(), "the first step asks twice, the last once");
        assertEquals(3 * 2 + 2 + 1, thrice.stages().size());
        Stage back = thrice.stages().get(2);
        Level from = once.first();
        Level to = once.reached(1);
        assertEquals(to, thrice.reached(1), "what the first step leads to");
        assertEquals(from.signal() / to.signal(), back.next().x(), 1e-12);
        double variance = from.noise() * from.noise() - Math.pow(from.signal() / to.signal() * to.noise(), 2);
        assertEquals(Math.sqrt(variance), back.sd(), 1e-12);
        assertEquals(
                thrice.stages().size(),
                thrice.stages().stream().map(Stage::key).distinct().count(),
                "noise of its own for each");
        assertEquals(Level.IMAGE, thrice.reached(thrice.stages().size() - 1));
    }

    @Test
    void onceIsThePlanItself() {
        Plan once = plan(new Ddim(1, true), 900, 500, 100);
        assertEquals(once.stages(), once.repeated(1).stages());
    }

    /** Up the levels that the way down visits; from each of them with the estimate made there. */
    @Test
    void theWayBackVisitsTheLevels() {
        Course course = Course.over(SCHEDULE, new Eps(), new double[] {900, 500, 100});
        Plan up = course.inverted();
        assertEquals(
                List.of(100.0, 100.0, 500.0),
                up.stages().stream().map(s -> s.level().t()).toList());
        assertEquals(900, up.end().t());
        assertEquals(0, up.stages().stream().mapToDouble(Stage::sd).sum());
    }
}
