package ddpm.diffusion.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.Named;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.prediction.EdmPreconditioning;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.schedule.Edm;
import ddpm.diffusion.schedule.Flow;
import ddpm.diffusion.schedule.ScheduleConfig;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** Exercise of docs/03-sampling.md. */
class MidpointExerciseTest {
    private static final Schedule SIGMAS = new Edm(1000, 0.05, 5, 7).schedule();

    @Disabled("an exercise: remove this line once midpoint is in Solvers.ALL")
    @Test
    void yours() {
        assertIsTheMidpointRule(Named.find(Solvers.ALL, "sampler", "midpoint").with(0, 0));
    }

    @Test
    void answer() {
        assertIsTheMidpointRule(new AnswerMidpoint(false));
        assertIsTheMidpointRule(new AnswerMidpoint(true));
        // the middle of sigma is that good on data whose curves are hyperbolas only
        assertEquals(3, order(new AnswerMidpoint(false)), 0.15);
        assertEquals(2, order(new AnswerMidpoint(true)), 0.15);
    }

    private static double order(Solver solver) {
        return SolverOrderTest.order(
                n -> SolverOrderTest.error(solver, SolverOrderTest.course(SIGMAS, new EdmPreconditioning(0.5), n)));
    }

    private static void assertIsTheMidpointRule(Solver midpoint) {
        assertTrue(order(midpoint) >= 1.8, "order " + order(midpoint));
        Schedule schedule = ScheduleConfig.reference().schedule();
        Plan plan = midpoint.plan(Course.over(schedule, new V(), new double[] {999, 600, 200}));
        assertEquals(5, plan.evaluations(), "two a step, one to the image");
        Mix second = plan.stages().get(1).next();
        assertEquals(1, second.slot(0), 1e-12, "from the beginning of the step");
        assertEquals(2, midpoint.leastSteps());
        assertTrue(midpoint.unfit(schedule).isEmpty());
        assertFalse(midpoint.unfit(new Flow(1000, 1).schedule()).isEmpty());
    }
}
