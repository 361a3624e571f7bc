package ddpm.diffusion.schedule;

import ddpm.config.Problems;

/** What the schedules with a first and a last beta have in common. */
final class BetaRange {
    private BetaRange() {}

    static void check(ScheduleConfig config, double betaStart, double betaEnd, boolean zeroSnr, Problems problems) {
        boolean steps = ScheduleConfig.checkTimesteps(config.timesteps(), problems);
        problems.range(betaStart > 0 && betaStart < 1, "beta_start", betaStart, "above 0 and below 1");
        problems.range(betaEnd > 0 && betaEnd < 1, "beta_end", betaEnd, "above 0 and below 1");
        if (betaStart > betaEnd) {
            problems.add(
                    "beta_end",
                    betaEnd + " is below " + problems.path("beta_start") + "=" + betaStart
                            + "; noise grows with t, swap them");
        }
        boolean inRange = steps && betaStart > 0 && betaStart <= betaEnd && betaEnd < 1;
        if (inRange && !zeroSnr && leavesNothing(config)) {
            problems.add(
                    "beta_end",
                    betaEnd + " over " + config.timesteps() + " timesteps leaves nothing of the image; lower "
                            + problems.path("beta_end") + " or " + problems.path("timesteps"));
        }
    }

    private static boolean leavesNothing(ScheduleConfig config) {
        double signal = config.schedule().signal(config.timesteps() - 1);
        return signal * signal < BetaSchedule.LEAST_SIGNAL;
    }
}
