package ddpm.diffusion.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.Named;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.prediction.EdmPreconditioning;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.Velocity;
import ddpm.diffusion.schedule.Edm;
import ddpm.diffusion.schedule.Flow;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.engine.random.Normals;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What chains lead to where the best network is known. For data of N(mean, std^2) it is linear, so the chain is linear in its
 * start and its noise: mean and variance of the result follow exactly from a run with nothing but the start, and one for each
 * noise.
 */
class SolverDistributionTest {
    private static final double MEAN = 0.3;
    private static final double STD = 0.2;
    /** First-order steps with fresh noise lose 6 % of the deviation in a quarter of the steps. */
    private static final int STEPS = 1000;

    record Case(String solver, String process) {}

    static Stream<Case> cases() {
        return Solvers.ALL.stream().map(Named::name).flatMap(name -> Stream.of("linear", "flow", "edm")
                .map(p -> new Case(name, p)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void samplesAreDistributedAsTheData(Case c) {
        Schedule schedule =
                switch (c.process) {
                    case "linear" -> ScheduleConfig.reference().schedule();
                    case "flow" -> new Flow(1000, 1);
                    default -> new Edm(1000, 0.002, 20, 7);
                };
        Prediction prediction =
                switch (c.process) {
                    case "linear" -> new Eps();
                    case "flow" -> new Velocity();
                    default -> new EdmPreconditioning(0.5);
                };
        Solver solver = Named.find(Solvers.ALL, "sampler", c.solver).with(1, 20);
        if (!solver.unfit(schedule).isEmpty()) {
            return;
        }
        boolean whole = schedule.whole() && solver.uses().contains(Solver.Option.WHOLE);
        double[] times = Spacing.LINSPACE.times(schedule, STEPS, whole);
        if (c.process.equals("flow")) {
            times[0] -= 1e-9; // lambda of pure noise is infinite, and the pieces are measured one by one
        }
        Plan plan = solver.plan(Course.over(schedule, prediction, times));
        var network = PlanInDouble.exact(PlanInDouble.gaussian(MEAN, STD));
        double mean = PlanInDouble.run(plan, 0, network);
        double variance = square(PlanInDouble.run(plan, plan.start(), network) - mean);
        int stages = plan.stages().size();
        boolean noisy = false;
        for (int i = 0; i < stages; i++) {
            if (plan.stages().get(i).sd() != 0) {
                int one = i;
                noisy = true;
                variance += square(PlanInDouble.run(plan, 0, network, k -> k == one ? 1 : 0) - mean);
            }
        }
        assertEquals(MEAN, mean, 0.01, c + ": mean");
        assertEquals(STD, Math.sqrt(variance), 0.04 * STD, c + ": deviation");
        boolean churned = c.solver.equals("heun") && !c.process.equals("flow"); // a flow has no sigma to raise
        boolean fresh = c.solver.matches("ddpm|ddim|.*_sde|.*_ancestral");
        assertEquals(churned || fresh, noisy, c + ": noise");
    }

    private static double square(double v) {
        return v * v;
    }

    /** Data of two points: nothing between them is drawn, each is drawn half of the times, by 5 standard errors. */
    @ParameterizedTest
    @MethodSource("cases")
    void twoPointsAreFound(Case c) {
        if (!c.process.equals("linear")) {
            return;
        }
        Schedule schedule = ScheduleConfig.reference().schedule();
        Solver solver = Named.find(Solvers.ALL, "sampler", c.solver).with(1, 20);
        Plan plan = solver.plan(Course.over(schedule, new Eps(), Spacing.LINSPACE.times(schedule, 60, true)));
        var network = PlanInDouble.exact(PlanInDouble.twoPoints());
        int chains = 400;
        int stages = plan.stages().size();
        float[] z = new float[chains * (stages + 1)];
        Normals.fill(3, new ddpm.engine.random.Stream(9), 0, 0, z, 0, z.length);
        double[] found = IntStream.range(0, chains)
                .mapToDouble(i -> PlanInDouble.run(
                        plan, plan.start() * z[i * (stages + 1)], network, k -> z[i * (stages + 1) + 1 + k]))
                .toArray();
        int ones = 0;
        for (double x : found) {
            // the multistep methods of order 4 overshoot where the estimate jumps from one point to the other
            assertTrue(
                    Math.abs(Math.abs(x) - 1) < (c.solver.matches("pndm|plms") ? 0.3 : 0.05), c.solver + " draws " + x);
            ones += x > 0 ? 1 : 0;
        }
        assertEquals(0.5, (double) ones / chains, 5 * 0.5 / Math.sqrt(chains), c.solver);
    }
}
