package ddpm.diffusion.solver;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Euler's method for the probability flow, in x_0 + sigma eps or along a flow's own line: next = x + dsignal * x0 + dnoise *
 * eps, d to the next level. Karras et al. 2022, algorithm 1 without its correction; Liu et al. 2023.
 */
public record Euler() implements Solver {
    @Override
    public Plan plan(Course given) {
        Course course = given.inSigmaSpace();
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < course.steps(); i++) {
            Level from = course.level(i);
            Level to = course.level(i + 1);
            stages.add(Stage.at(from, course.clip(), i, next -> towards(next.x(1), from, to, 1)));
        }
        return new Plan(stages, course.start());
    }

    /** Adds a share of the way from one level to another, as seen from where the mix's network was asked. */
    static Mix towards(Mix mix, Level from, Level to, double share) {
        return mix.x0(share * (to.signal() - from.signal())).clippedEps(share * (to.noise() - from.noise()));
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.CLIP);
    }
}
