package ddpm.diffusion.schedule;

import ddpm.config.Problems;

/**
 * beta rises linearly. Ho et al. 2020, section 4.
 *
 * @param timesteps T, how many steps lead from an image to noise
 * @param betaStart variance of the noise added in the first step
 * @param betaEnd variance of the noise added in the last step
 * @param zeroSnr whether to stretch it so that x_T is noise alone, see {@link BetaSchedule#toZeroTerminalSnr}
 */
public record Linear(int timesteps, double betaStart, double betaEnd, boolean zeroSnr) implements ScheduleConfig {
    @Override
    public BetaSchedule schedule() {
        double[] betas = new double[timesteps];
        int last = timesteps - 1;
        for (int t = 0; t <= last; t++) {
            double share = last == 0 ? 0 : (double) t / last;
            betas[t] = betaStart * (1 - share) + betaEnd * share;
        }
        return BetaSchedule.of(betas, zeroSnr);
    }

    @Override
    public void check(Problems problems) {
        BetaRange.check(this, betaStart, betaEnd, zeroSnr, problems);
    }
}
