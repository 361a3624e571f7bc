package ddpm.diffusion.schedule;

import ddpm.config.Problems;
import ddpm.diffusion.Schedule;

/** The settings of one kind of schedule, section {@code diffusion} of a configuration; {@code kind} says which. */
public interface ScheduleConfig {
    int MOST_STEPS = 1_000_000;

    /** T. */
    int timesteps();

    /** The tables. */
    Schedule schedule();

    /** Adds what is wrong to {@code problems}, whose section is that of the schedule. */
    void check(Problems problems);

    /** T = 1000 from 1e-4 to 0.02, as in the paper and the reference. */
    static Linear reference() {
        return new Linear(1000, 1e-4, 0.02, false);
    }

    /** Adds a problem where T is out of range; returns whether it is in it. */
    static boolean checkTimesteps(int timesteps, Problems problems) {
        boolean ok = timesteps >= 2 && timesteps <= MOST_STEPS;
        problems.range(ok, "timesteps", timesteps, "from 2 to " + MOST_STEPS);
        return ok;
    }
}
