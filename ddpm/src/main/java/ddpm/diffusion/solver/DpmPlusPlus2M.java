package ddpm.diffusion.solver;

import java.util.EnumSet;
import java.util.Set;

/**
 * Second order with one evaluation a step: the slope of D comes from the step before. Lu et al. 2022 (DPM-Solver++), algorithm
 * 2; with eta 1 the SDE form of Lu et al. 2022, appendix. The first step and the one to the image are of first order.
 *
 * @param eta 0 for the flow, 1 for the SDE
 * @param heun how the slope is used, see {@link DpmPlusPlus}
 * @param lowerOrderFinal of fewer than 15 steps the last is of first order, wherever it ends
 */
public record DpmPlusPlus2M(double eta, boolean heun, boolean lowerOrderFinal) implements Solver {
    private static final int FEW = 15;
    private static final int BEFORE = 0;

    @Override
    public Plan plan(Course given) {
        Course course = given.finite();
        return course.plan((i, from, to, stages) -> {
            DpmPlusPlus step = DpmPlusPlus.between(from, to, eta);
            boolean last = i == course.steps() - 1;
            boolean first = i == 0 || last && (course.end().isImage() || lowerOrderFinal && course.steps() < FEW);
            double slope = first ? 0 : slope(step, course.level(i - 1));
            stages.add(Stage.at(from, course.clip(), i, next -> next.x(step.ofX())
                            .x0(step.ofD() + slope)
                            .slot(BEFORE, -slope))
                    .sd(step.sd())
                    .keep(BEFORE, kept -> kept.x0(1)));
        });
    }

    /** Weight of D - D_before. */
    private double slope(DpmPlusPlus step, Level before) {
        return step.ofSlope(heun) * step.h() / (step.from().lambda() - before.lambda());
    }

    @Override
    public Set<Option> uses() {
        return eta > 0 ? EnumSet.of(Option.ETA, Option.CLIP, Option.WHOLE) : EnumSet.of(Option.CLIP, Option.WHOLE);
    }

    @Override
    public int leastSteps() {
        return 2;
    }
}
