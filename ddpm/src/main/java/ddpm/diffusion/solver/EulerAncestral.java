package ddpm.diffusion.solver;

import java.util.EnumSet;
import java.util.Set;

/**
 * A step of {@link Euler} to less noise than the next level has, and fresh noise up to it: in sigma space
 * {@code up^2 = eta^2 sigma'^2 (sigma^2 - sigma'^2) / sigma^2}, {@code down^2 = sigma'^2 - up^2}. As k-diffusion's
 * sample_euler_ancestral.
 *
 * @param eta share of the noise that is fresh; 1 in most uses
 */
public record EulerAncestral(double eta) implements Solver {
    @Override
    public Plan plan(Course given) {
        Course course = given.inSigmaSpace();
        return course.plan((i, from, to, stages) -> {
            double up = Ddim.ancestralSd(from, to, eta);
            double down = Math.sqrt(Math.max(0, to.noise() * to.noise() - up * up));
            stages.add(Stage.at(
                            from, course.clip(), i, next -> next.x0(to.signal()).clippedEps(down))
                    .sd(up));
        });
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.ETA, Option.CLIP);
    }
}
