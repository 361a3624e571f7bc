package ddpm.diffusion.solver;

import java.util.EnumSet;
import java.util.Set;

/**
 * Predictor and corrector with one evaluation a step: D at the predicted x first corrects the step that led there, then
 * predicts the next. Zhao et al. 2023, order 2 with B(h) = e^h - 1 (bh2), for estimates of x_0. First order in the first step
 * and in the last.
 */
public record UniPc() implements Solver {
    private static final int CORRECTED = 0; // x as corrected before the last step
    private static final int FIRST_D = 1; // two D in turn

    @Override
    public Plan plan(Course given) {
        Course course = given.finite();
        return course.plan((i, from, to, stages) -> stages.add(stage(course, i)));
    }

    private static Stage stage(Course course, int i) {
        Level now = course.level(i);
        Level to = course.level(i + 1);
        int before = FIRST_D + (i + 1) % 2;
        int own = FIRST_D + i % 2;
        Mix corrected = corrected(course, i, before, own);
        double h = to.lambda() - now.lambda();
        double b = Math.expm1(-h);
        boolean second = i > 0 && i < course.steps() - 1;
        double slope = second ? -to.signal() * b * h / (2 * (course.level(i - 1).lambda() - now.lambda())) : 0;
        double ofX = to.isImage() ? 0 : to.noise() / now.noise();
        return Stage.at(now, course.clip(), i, next -> next.plus(ofX, corrected)
                        .x0(-to.signal() * b - slope)
                        .slot(before, slope))
                .save(CORRECTED, saved -> saved.plus(1, corrected))
                .keep(own, kept -> kept.x0(1));
    }

    /** The x that the last step should have led to, now that D there is known. */
    private static Mix corrected(Course course, int i, int before, int twoBefore) {
        Level now = course.level(i);
        Mix mix = new Mix(now);
        if (i == 0) {
            return mix.x(1);
        }
        Level from = course.level(i - 1);
        double h = now.lambda() - from.lambda();
        double b = Math.expm1(-h);
        double factor = -now.signal() * b;
        mix.slot(CORRECTED, now.noise() / from.noise()).slot(before, factor);
        if (i == 1) {
            return mix.x0(factor / 2).slot(before, -factor / 2);
        }
        double r = (course.level(i - 2).lambda() - from.lambda()) / h;
        double p1 = b / -h - 1;
        double p2 = p1 / -h - 0.5;
        // u + w = p1 / B,  r u + w = 2 p2 / B
        double u = (2 * p2 / b - p1 / b) / (r - 1);
        double w = p1 / b - u;
        return mix.slot(twoBefore, factor * u / r)
                .slot(before, -factor * (u / r + w))
                .x0(factor * w);
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.CLIP, Option.WHOLE);
    }

    @Override
    public int leastSteps() {
        return 3;
    }
}
