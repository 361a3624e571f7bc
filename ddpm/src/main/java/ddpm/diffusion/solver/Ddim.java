package ddpm.diffusion.solver;

import java.util.EnumSet;
import java.util.Set;

/**
 * x_0 and eps as estimated, put together again for the next level. Song et al. 2020, equation 12 with the sd of equation 16:
 *
 * <pre>
 * next = signal' * x0 + sqrt(noise'^2 - sd^2) * eps + sd * z
 * sd   = eta * noise' / noise * sqrt(noise^2 - (signal / signal')^2 noise'^2)
 * </pre>
 *
 * @param eta 0: deterministic, 1: as much noise as {@link Ddpm}
 * @param clippedEps whether eps is the noise that leads from the clipped x_0 to x, not the network's own
 */
public record Ddim(double eta, boolean clippedEps) implements Solver {
    @Override
    public Plan plan(Course course) {
        return course.plan((i, from, to, stages) -> stages.add(stage(from, to, course.clip())));
    }

    private Stage stage(Level from, Level to, Clip clip) {
        double sd = ancestralSd(from, to, eta);
        double direction = Math.sqrt(Math.max(0, to.noise() * to.noise() - sd * sd)); // rounding may leave -1e-17
        return Stage.at(from, clip, Math.round(from.t()), next -> {
                    next.x0(to.signal());
                    return clippedEps && !clip.isNone() ? next.clippedEps(direction) : next.eps(direction);
                })
                .sd(sd);
    }

    /** The sd of equation 16. */
    static double ancestralSd(Level from, Level to, double eta) {
        double r = from.signal() / to.signal();
        double beta = from.noise() * from.noise() - r * r * to.noise() * to.noise();
        return eta * to.noise() / from.noise() * Math.sqrt(Math.max(0, beta));
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.ETA, Option.CLIP, Option.WHOLE);
    }
}
