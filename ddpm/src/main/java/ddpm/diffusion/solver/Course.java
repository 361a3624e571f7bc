package ddpm.diffusion.solver;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a solver is given: the levels to visit, from the noisiest down, and where they end.
 *
 * @param end the image, or the least level of the schedule; the network is not asked there
 * @param clip of the estimates of the image
 * @param variance of the reverse steps, for solvers that have a choice; with a learned one the network has twice the outputs
 */
public record Course(
        Schedule schedule, Prediction prediction, List<Level> levels, Level end, Clip clip, Variance variance) {
    public Course {
        levels = List.copyOf(levels);
    }

    /** Over these t, from large to small, to the image. */
    public static Course over(Schedule schedule, Prediction prediction, double[] times) {
        List<Level> levels = Arrays.stream(times)
                .mapToObj(t -> Level.at(schedule, prediction, t))
                .toList();
        return new Course(schedule, prediction, levels, Level.IMAGE, Clip.NONE, Variance.FIXED_SMALL);
    }

    /** Over these sigmas, from large to small, to the image. @param whole whether the network is given whole t only */
    public static Course overSigmas(Schedule schedule, Prediction prediction, double[] sigmas, boolean whole) {
        List<Level> levels = Arrays.stream(sigmas)
                .mapToObj(sigma -> {
                    double t = schedule.atSigma(sigma);
                    return Level.atSigma(schedule, prediction, sigma, whole ? Math.rint(t) : t);
                })
                .toList();
        return new Course(schedule, prediction, levels, Level.IMAGE, Clip.NONE, Variance.FIXED_SMALL);
    }

    public Course with(Clip other) {
        return new Course(schedule, prediction, levels, end, other, variance);
    }

    public Course with(Variance other) {
        return new Course(schedule, prediction, levels, end, clip, other);
    }

    /** Begins no later than t, at least with the least of the levels. */
    public Course upTo(double t) {
        List<Level> rest = levels.stream().filter(l -> l.t() <= t).toList();
        List<Level> least = levels.subList(levels.size() - 1, levels.size());
        return new Course(schedule, prediction, rest.isEmpty() ? least : rest, end, clip, variance);
    }

    /**
     * The way back, from the image to the noisiest level: each stage estimates x_0 and eps and puts them together for the next
     * <em>higher</em> level. Song et al. 2020, section 4.3: {@link Ddim} without noise, from left to right. The first stage shows the
     * network the image as what has the least noise.
     */
    public Plan inverted() {
        List<Stage> stages = new ArrayList<>();
        for (int i = levels.size() - 1; i >= 0; i--) {
            Level asked = i + 1 < levels.size() ? levels.get(i + 1) : levels.get(i);
            Level to = levels.get(i);
            stages.add(Stage.at(asked, Clip.NONE, stages.size(), next -> next.x0(to.signal())
                    .eps(to.noise())));
        }
        return new Plan(stages, 1, levels.get(0));
    }

    /** Ends at t = 0 of the schedule, a little noise short of the image. */
    public Course endingAtFirst() {
        return new Course(schedule, prediction, levels, Level.at(schedule, prediction, 0), clip, variance);
    }

    /** What a solver does from one level to the next. */
    @FunctionalInterface
    interface Step {
        /** Adds the stages of step {@code i}, from 0. */
        void add(int i, Level from, Level to, List<Stage> stages);
    }

    /** The table of a solver that goes from level to level. */
    Plan plan(Step step) {
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < steps(); i++) {
            step.add(i, level(i), level(i + 1), stages);
        }
        return new Plan(stages, start(), end);
    }

    int steps() {
        return levels.size();
    }

    Level level(int i) {
        return i < levels.size() ? levels.get(i) : end;
    }

    /** The level at t. */
    Level at(double t) {
        return t < 0 ? end : Level.at(schedule, prediction, t);
    }

    /** The same levels with a finite sigma where no signal is left; for solvers that compute in logarithms of it. */
    Course finite() {
        List<Level> finite = new ArrayList<>();
        for (Level l : levels) {
            boolean lost = l.signal() == 0 && schedule.variancePreserving();
            finite.add(lost ? Level.atSigma(schedule, prediction, schedule.sigma(l.t()), l.t()) : l);
        }
        return new Course(schedule, prediction, finite, end, clip, variance);
    }

    /**
     * For x / signal = x_0 + sigma eps, where levels differ in their noise alone. A process that does not preserve the variance
     * has coordinates of its own that serve as well.
     */
    Course inSigmaSpace() {
        if (!schedule.variancePreserving()) {
            return this;
        }
        Course finite = finite();
        return new Course(
                schedule,
                prediction,
                finite.levels.stream().map(Level::inSigmaSpace).toList(),
                end.inSigmaSpace(),
                clip,
                variance);
    }

    /** The level of a sigma between those visited, in sigma space. */
    Level betweenInSigmaSpace(double sigma) {
        return Level.atSigma(schedule, prediction, sigma, schedule.atSigma(sigma))
                .inSigmaSpace();
    }

    /** Factor of the first x, a standard normal: x_T has the variance of noise. */
    public double start() {
        Level first = levels.get(0);
        if (!schedule.variancePreserving()) {
            return first.noise();
        }
        return first.signal() == 1 ? Math.hypot(1, first.noise()) : 1;
    }

    boolean learned() {
        return variance == Variance.LEARNED_RANGE;
    }
}
