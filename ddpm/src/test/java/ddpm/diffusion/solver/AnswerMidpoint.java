package ddpm.diffusion.solver;

import ddpm.diffusion.Schedule;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Answer to the exercise of chapter 3. Where the second stage begins from its own x instead of the slot, each step goes half a
 * step too far, and no number of steps repairs that: the error no longer falls.
 *
 * @param ofT whether the middle is that of t, not of sigma
 */
record AnswerMidpoint(boolean ofT) implements Solver {
    private static final int START = 0;

    @Override
    public Plan plan(Course given) {
        Course course = given.inSigmaSpace();
        return course.plan((i, from, to, stages) -> {
            if (to.isImage()) {
                stages.add(Stage.at(from, course.clip(), stages.size(), next -> Euler.towards(next.x(1), from, to, 1)));
                return;
            }
            stages.addAll(step(from, middle(course, from, to), to, course.clip(), stages.size()));
        });
    }

    private Level middle(Course course, Level from, Level to) {
        double t = (from.t() + to.t()) / 2;
        double sigma = ofT ? course.schedule().sigma(t) : (from.noise() + to.noise()) / 2;
        return course.betweenInSigmaSpace(sigma);
    }

    private static List<Stage> step(Level from, Level middle, Level to, Clip clip, int key) {
        Stage first = Stage.at(from, clip, key, next -> Euler.towards(next.x(1), from, middle, 1))
                .within()
                .save(START, start -> start.x(1));
        return List.of(first, Stage.at(middle, clip, key + 1, next -> Euler.towards(next.slot(START, 1), from, to, 1)));
    }

    @Override
    public String unfit(Schedule schedule) {
        return schedule.endsInNoise() && !schedule.variancePreserving()
                ? "its middle is one of sigma, which is infinite at T-1 of a flow; take heun or dpmpp_2m"
                : "";
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.CLIP);
    }

    @Override
    public int leastSteps() {
        return 2;
    }
}
