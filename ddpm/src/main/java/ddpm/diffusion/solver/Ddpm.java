package ddpm.diffusion.solver;

import ddpm.diffusion.Posterior;
import ddpm.diffusion.Variance;
import java.util.EnumSet;
import java.util.Set;

/**
 * Ancestral sampling: each step draws from the posterior of the next level given x and the estimate of x_0. Ho et al. 2020,
 * algorithm 2; over fewer levels Nichol &amp; Dhariwal 2021, equation 19. With the {@link Posterior} of the next level:
 *
 * <pre>
 * next = mean of the posterior + sd z
 * sd^2 = its variance (small)  or  beta (large);  0 in the last step
 * </pre>
 */
public record Ddpm() implements Solver {
    private static final double LEAST_VARIANCE = 1e-20;

    @Override
    public Plan plan(Course course) {
        return course.plan((i, from, to, stages) -> stages.add(stage(course, from, to)));
    }

    private static Stage stage(Course course, Level from, Level to) {
        Posterior p = Posterior.between(from.signal(), from.noise(), to.signal(), to.noise());
        Stage stage = Stage.at(from, course.clip(), Math.round(from.t()), next -> next.x0(p.x0())
                .x(p.x()));
        boolean last = to.isImage();
        if (course.learned()) {
            return last
                    ? stage.withVarianceOutput()
                    : stage.learnedVariance(p.beta(), Math.max(p.variance(), LEAST_VARIANCE));
        }
        boolean large = course.variance() == Variance.FIXED_LARGE;
        return stage.sd(last ? 0 : Math.sqrt(large ? p.beta() : p.variance()));
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.VARIANCE, Option.CLIP, Option.WHOLE);
    }
}
