package ddpm.diffusion.solver;

import ddpm.diffusion.Schedule;
import java.util.Set;

/** Turns the levels of a course into a table of stages. */
public interface Solver {
    /** What of a sampling's settings a solver heeds, beside the number of steps. */
    enum Option {
        ETA,
        CHURN,
        VARIANCE,
        CLIP,
        WHOLE
    }

    /** Its table for that course. */
    Plan plan(Course course);

    /** The settings that change its table. */
    Set<Option> uses();

    /** Why it cannot go with a schedule, and the remedy; empty text where it can. */
    default String unfit(Schedule schedule) {
        return "";
    }

    /** The fewest levels with which it is more than a first-order step. */
    default int leastSteps() {
        return 1;
    }
}
