package ddpm.diffusion;

import ddpm.config.Problems;

/**
 * The linear noise schedule, section {@code diffusion} of a configuration. Ho et al. 2020, section 4.
 *
 * @param timesteps T, how many steps lead from an image to noise
 * @param betaStart variance of the noise added in the first step
 * @param betaEnd variance of the noise added in the last step
 */
public record ScheduleConfig(int timesteps, double betaStart, double betaEnd) {
    private static final int MOST_STEPS = 1_000_000;

    /** T = 1000 from 1e-4 to 0.02, as in the paper and the reference. */
    public static ScheduleConfig reference() {
        return new ScheduleConfig(1000, 1e-4, 0.02);
    }

    /** Adds what is wrong to {@code problems}, whose section is that of the schedule. */
    public void check(Problems problems) {
        boolean inRange =
                timesteps >= 2 && timesteps <= MOST_STEPS && betaStart > 0 && betaStart <= betaEnd && betaEnd < 1;
        if (inRange && NoiseSchedule.lastAlphaCumprod(this) < NoiseSchedule.LEAST_SIGNAL) {
            problems.add(
                    "beta_end",
                    betaEnd + " over " + timesteps + " timesteps leaves nothing of the image; lower "
                            + problems.path("beta_end") + " or " + problems.path("timesteps"));
        }
        problems.range(timesteps >= 2 && timesteps <= MOST_STEPS, "timesteps", timesteps, "from 2 to " + MOST_STEPS);
        problems.range(betaStart > 0 && betaStart < 1, "beta_start", betaStart, "above 0 and below 1");
        problems.range(betaEnd > 0 && betaEnd < 1, "beta_end", betaEnd, "above 0 and below 1");
        if (betaStart > betaEnd) {
            problems.add(
                    "beta_end",
                    betaEnd + " is below " + problems.path("beta_start") + "=" + betaStart
                            + "; noise grows with t, swap them");
        }
    }
}
