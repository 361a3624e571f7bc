package ddpm.diffusion.solver;

import java.util.EnumSet;
import java.util.Set;

/**
 * Second order in pairs of levels: a first-order step to the middle one, whose D gives the slope for the step from the first
 * to the third, taken from the first again. Lu et al. 2022 (DPM-Solver++), algorithm 1.
 *
 * @param heun how the slope is used, see {@link DpmPlusPlus}
 */
public record DpmPlusPlus2S(boolean heun) implements Solver {
    private static final int START = 0;
    private static final int BEFORE = 1;

    @Override
    public Plan plan(Course given) {
        Course course = given.finite();
        int n = course.steps();
        return course.plan((i, from, to, stages) -> {
            // the step to the image has no slope: its lambda is infinite
            boolean second = i % 2 == 1 && !to.isImage();
            boolean opens = i % 2 == 0 && i + 1 < n && !course.level(i + 2).isImage();
            stages.add(second ? second(course, i) : first(course, i, opens));
        });
    }

    private static Stage first(Course course, int i, boolean opens) {
        DpmPlusPlus step = DpmPlusPlus.between(course.level(i), course.level(i + 1), 0);
        Stage stage = Stage.at(
                step.from(), course.clip(), i, next -> next.x(step.ofX()).x0(step.ofD()));
        return opens ? stage.within().save(START, start -> start.x(1)).keep(BEFORE, kept -> kept.x0(1)) : stage;
    }

    private Stage second(Course course, int i) {
        Level start = course.level(i - 1);
        Level middle = course.level(i);
        DpmPlusPlus step = DpmPlusPlus.between(start, course.level(i + 1), 0);
        double slope = step.ofSlope(heun) * step.h() / (middle.lambda() - start.lambda());
        return Stage.at(middle, course.clip(), i, next -> next.slot(START, step.ofX())
                .slot(BEFORE, step.ofD() - slope)
                .x0(slope));
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.CLIP, Option.WHOLE);
    }

    @Override
    public int leastSteps() {
        return 2;
    }
}
