package ddpm.train.settings;

import ddpm.config.Named;
import ddpm.config.Problems;
import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.solver.Clip;
import ddpm.diffusion.solver.Course;
import ddpm.diffusion.solver.Plan;
import ddpm.diffusion.solver.Solver;
import ddpm.diffusion.solver.Solver.Option;
import ddpm.diffusion.solver.Solvers;
import ddpm.diffusion.solver.Spacing;
import java.util.Set;

/**
 * How images are drawn, section {@code sample} of a configuration: the previews of a training, and what the {@code
 * sample} command does unless it is told otherwise.
 *
 * @param sampler one of {@link Solvers#ALL}
 * @param steps how many levels of noise it visits
 * @param eta share of fresh noise: of {@code ddim} 0 is deterministic, 1 as much as {@code ddpm}
 * @param churn of {@code heun}: noise added before each step, see {@link ddpm.diffusion.solver.Heun}
 * @param spacing which t are visited, see {@link Spacing}
 * @param clipX0 whether the estimate of the image is kept within [-1, 1] in every step
 * @param threshold quantile of an estimate that is scaled to 1 where it is larger (dynamic thresholding), instead of
 *     clipping; 0: none
 * @param count images in a preview
 */
public record SampleConfig(
        String sampler,
        int steps,
        double eta,
        double churn,
        String spacing,
        boolean clipX0,
        double threshold,
        int count) {

    /**
     * 100 steps of {@code ddim} with as much noise as {@code ddpm}: digits as good as those of all 1000 steps in a tenth
     * of the time. Without noise, or with fewer steps, they are visibly worse.
     */
    public static SampleConfig standard() {
        return new SampleConfig("ddim", 100, 1, 0, "trailing", true, 0, 64);
    }

    /** Adds what is wrong to {@code problems} of the section {@code sample}. */
    public void check(Problems problems) {
        problems.named(Solvers.ALL, "sampler", "sampler", sampler);
        problems.atLeast(1, "steps", steps);
        problems.range(eta >= 0 && eta <= 1, "eta", eta, "from 0 to 1");
        problems.range(churn >= 0 && Double.isFinite(churn), "churn", churn, "at least 0");
        problems.oneOf(Spacing.names(), "spacing", spacing);
        problems.range(threshold >= 0 && threshold < 1, "threshold", threshold, "from 0 (none) to below 1");
        problems.atLeast(1, "count", count);
    }

    /** Adds what does not go with the schedule; all else is in range. */
    public void checkWith(ScheduleConfig diffusion, Problems problems) {
        if (steps > diffusion.timesteps()) {
            problems.add(
                    "steps",
                    "must be from 1 to the " + diffusion.timesteps() + " of diffusion.timesteps, got " + steps);
        } else if (steps < solver().leastSteps()) {
            problems.add(
                    "steps",
                    sampler + " needs at least " + solver().leastSteps() + " steps, got " + steps
                            + "; take more, or ddim");
        }
        String unfit = solver().unfit(diffusion.schedule());
        if (!unfit.isEmpty()) {
            problems.add("sampler", sampler + ": " + unfit);
        }
    }

    public Solver solver() {
        return Named.find(Solvers.ALL, "sampler", sampler).with(eta, churn);
    }

    /** What of the settings the sampler heeds. */
    public Set<Option> uses() {
        return Named.find(Solvers.ALL, "sampler", sampler).with(1, 1).uses();
    }

    /** The sampler's table for a run. */
    public Plan plan(ScheduleConfig diffusion, ObjectiveConfig objective) {
        return plan(course(diffusion, objective), objective);
    }

    /** The sampler's table for a course of that run. */
    public Plan plan(Course course, ObjectiveConfig objective) {
        return told(solver().plan(course), objective);
    }

    /** A table for a network whose output has a half for the variance, where it was taught one. */
    public static Plan told(Plan plan, ObjectiveConfig objective) {
        return objective.learned() ? plan.withVarianceOutput() : plan;
    }

    /** The levels of noise that the sampler visits. */
    public Course course(ScheduleConfig diffusion, ObjectiveConfig objective) {
        Schedule schedule = diffusion.schedule();
        boolean whole = schedule.whole() && uses().contains(Option.WHOLE);
        Spacing by = Spacing.of(spacing);
        Course course = by == Spacing.KARRAS
                ? Course.overSigmas(schedule, objective.prediction(), Spacing.karras(schedule, steps), whole)
                : Course.over(schedule, objective.prediction(), by.times(schedule, steps, whole));
        return course.with(clip()).with(objective.reverseVariance());
    }

    private Clip clip() {
        if (!uses().contains(Option.CLIP)) {
            return Clip.NONE;
        }
        return threshold > 0 ? Clip.threshold(threshold) : clipX0 ? Clip.TO_IMAGE : Clip.NONE;
    }

    /** The sampler in words: {@code ddim, 100 steps, eta=1.0, clipped}. */
    public String describe(Plan plan) {
        StringBuilder text = new StringBuilder(sampler + ", " + steps + " steps");
        if (plan.evaluations() != steps) {
            text.append(" of ").append(plan.evaluations()).append(" evaluations");
        }
        text.append(", ").append(spacing);
        if (uses().contains(Option.ETA)) {
            text.append(", eta=").append(eta);
        }
        if (uses().contains(Option.CHURN) && churn > 0) {
            text.append(", churn=").append(churn);
        }
        Clip clip = clip();
        return text.append(clip.equals(Clip.NONE) ? "" : threshold > 0 ? ", threshold=" + threshold : ", clipped")
                .toString();
    }
}
