package ddpm.diffusion.solver;

import ddpm.diffusion.Schedule;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A linear multistep method: Adams-Bashforth over the last four eps, put into DDIM's step. Liu et al. 2022, equations 11 to 14.
 * It begins with three Runge-Kutta steps of four evaluations each, or (plms) with one step of two and lower orders.
 *
 * @param rungeKutta the former
 * @param outputs whether the network's outputs are extrapolated, not eps, and become eps at the level where the step begins: as
 *     diffusers does, which is the same where the network predicts eps, and of first order elsewhere
 */
public record Pndm(boolean rungeKutta, boolean outputs) implements Solver {
    private static final int START = 0;
    private static final int SUM = 1;
    private static final int FIRST_EPS = 2; // of three: the oldest is written over
    private static final int KEPT = 3;
    private static final int RUNGE_KUTTA_STEPS = 3;

    /** Weights of eps now and before, by how many there are. */
    private static final double[][] ADAMS_BASHFORTH = {
        {1}, {3 / 2.0, -1 / 2.0}, {23 / 12.0, -16 / 12.0, 5 / 12.0}, {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0}
    };

    @Override
    public Plan plan(Course given) {
        Course course = given.finite();
        return course.plan((i, from, to, stages) -> {
            if (rungeKutta && i < RUNGE_KUTTA_STEPS) {
                rungeKutta(course, i, from, to, stages);
            } else if (i == 0) {
                twice(course, from, to, stages);
            } else {
                stages.add(multistep(course, i, from, to, stages.size()));
            }
        });
    }

    private static int slotOfEps(int i) {
        return FIRST_EPS + i % KEPT;
    }

    /** DDIM's step from one level to another: next = x * ofX + eps * ofEps, or of the output in place of eps. Equation 11. */
    private record Phi(double ofX, double ofEps) {}

    private Phi phi(Level from, Level to) {
        double scale = to.signal() / from.signal();
        double ofEps = to.noise() - scale * from.noise();
        if (!outputs) {
            return new Phi(scale, ofEps);
        }
        double share = ofEps / from.noise(); // eps = (x - signal (a x + b F)) / noise
        return new Phi(scale + share * (1 - from.signal() * from.a()), -share * from.signal() * from.b());
    }

    private Mix add(Mix mix, double weight) {
        return outputs ? mix.f(weight) : mix.eps(weight);
    }

    private Stage multistep(Course course, int i, Level from, Level to, int key) {
        double[] weights = ADAMS_BASHFORTH[Math.min(i, KEPT)];
        Phi phi = phi(from, to);
        return Stage.at(from, course.clip(), key, next -> {
                    add(next.x(phi.ofX()), phi.ofEps() * weights[0]);
                    for (int k = 1; k < weights.length; k++) {
                        next.slot(slotOfEps(i - k), phi.ofEps() * weights[k]);
                    }
                    return next;
                })
                .keep(slotOfEps(i), kept -> add(kept, 1));
    }

    /** The first step of plms: with the mean of eps at its two ends. */
    private void twice(Course course, Level from, Level to, List<Stage> stages) {
        Phi phi = phi(from, to);
        stages.add(opening(course, from, phi, 0, stages.size()));
        stages.add(fromStart(
                course,
                to,
                phi,
                stages.size(),
                next -> add(next.slot(slotOfEps(0), phi.ofEps() / 2), phi.ofEps() / 2)));
    }

    private void rungeKutta(Course course, int i, Level from, Level to, List<Stage> stages) {
        Level middle = course.at(from.t() - Math.floor((from.t() - to.t()) / 2));
        Phi half = phi(from, middle);
        Phi whole = phi(from, to);
        double sixth = whole.ofEps() / 6;
        int key = stages.size();
        stages.add(opening(course, from, half, i, key));
        stages.add(fromStart(course, middle, half, key + 1, next -> add(next, half.ofEps()))
                .within()
                .save(SUM, sum -> add(sum, 1)));
        stages.add(fromStart(course, middle, whole, key + 2, next -> add(next, whole.ofEps()))
                .within()
                .save(SUM, sum -> add(sum.slot(SUM, 1), 1)));
        stages.add(fromStart(
                course,
                to,
                whole,
                key + 3,
                next -> add(next.slot(slotOfEps(i), sixth).slot(SUM, 2 * sixth), sixth)));
    }

    /** A step by DDIM that remembers where it began. */
    private Stage opening(Course course, Level from, Phi phi, int i, int key) {
        return Stage.at(from, course.clip(), key, next -> add(next.x(phi.ofX()), phi.ofEps()))
                .within()
                .save(START, start -> start.x(1))
                .keep(slotOfEps(i), kept -> add(kept, 1));
    }

    /** A step from there once more, with eps from elsewhere. */
    private static Stage fromStart(Course course, Level asked, Phi phi, int key, UnaryOperator<Mix> ofEps) {
        return Stage.at(asked, course.clip(), key, next -> ofEps.apply(next.slot(START, phi.ofX())));
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.WHOLE);
    }

    @Override
    public String unfit(Schedule schedule) {
        return schedule.endsInNoise() && !schedule.variancePreserving()
                ? "its steps divide by the signal, of which nothing is left at T-1 of a flow; take heun or dpmpp_2m"
                : "";
    }

    @Override
    public int leastSteps() {
        return rungeKutta ? RUNGE_KUTTA_STEPS + 1 : 2;
    }
}
