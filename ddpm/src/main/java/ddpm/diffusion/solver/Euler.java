package ddpm.diffusion.solver;

import java.util.EnumSet;
import java.util.Set;

/**
 * Euler's method for the probability flow, in x_0 + sigma eps or along a flow's own line: next = x + dsignal * x0 + dnoise *
 * eps, d to the next level. Karras et al. 2022, algorithm 1 without its correction; Liu et al. 2023.
 */
public record Euler() implements Solver {
    @Override
    public Plan plan(Course given) {
        Course course = given.inSigmaSpace();
        return course.plan((i, from, to, stages) ->
                stages.add(Stage.at(from, course.clip(), i, next -> towards(next.x(1), from, to, 1))));
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
