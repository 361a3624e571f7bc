package ddpm.diffusion.solver;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Second order by asking twice: a step of {@link Euler}, then the mean of the directions at its two ends; the step to the image
 * has no second half. With churn each step first adds noise, {@code sigma^ = sigma (1 + gamma)}, which corrects what earlier
 * steps got wrong. Karras et al. 2022, algorithms 1 and 2.
 *
 * @param churn S_churn; gamma = min(churn / steps, sqrt(2) - 1); 0 for algorithm 1. Only where levels differ in noise alone
 * @param churnFrom S_min: least sigma that is churned
 * @param churnTo S_max: largest
 * @param churnNoise S_noise: standard deviation of the noise that is added, in its unit
 */
public record Heun(double churn, double churnFrom, double churnTo, double churnNoise) implements Solver {
    private static final int START = 0;

    /** Algorithm 1, deterministic. */
    public static Heun deterministic() {
        return new Heun(0, 0, Double.POSITIVE_INFINITY, 1);
    }

    /** Algorithm 2 at all levels. */
    public static Heun churned(double churn) {
        return new Heun(churn, 0, Double.POSITIVE_INFINITY, 1);
    }

    @Override
    public Plan plan(Course given) {
        Course course = given.inSigmaSpace();
        return course.plan((i, level, to, stages) -> {
            Level from = level;
            double gamma = gamma(level, course.steps());
            if (gamma > 0) {
                double sigma = level.noise() * (1 + gamma);
                double more = Math.sqrt(sigma * sigma - level.noise() * level.noise());
                stages.add(Stage.noise(level, stages.size(), more * churnNoise));
                from = course.betweenInSigmaSpace(sigma);
            }
            stages.addAll(step(from, to, course.clip(), stages.size()));
        });
    }

    private double gamma(Level from, int steps) {
        boolean churned = from.signal() == 1 && from.noise() >= churnFrom && from.noise() <= churnTo;
        return churned ? Math.min(churn / steps, Math.sqrt(2) - 1) : 0;
    }

    private static List<Stage> step(Level from, Level to, Clip clip, int key) {
        Stage euler = Stage.at(from, clip, key, next -> Euler.towards(next.x(1), from, to, 1));
        if (to.isImage()) {
            return List.of(euler);
        }
        euler.within().save(START, half -> Euler.towards(half.x(1), from, to, 0.5));
        return List.of(euler, Stage.at(to, clip, key + 1, next -> {
            next.slot(START, 1).x0(0.5 * (to.signal() - from.signal()));
            return next.clippedEps(0.5 * (to.noise() - from.noise()));
        }));
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.CHURN, Option.CLIP);
    }

    @Override
    public int leastSteps() {
        return 2;
    }
}
