package ddpm.diffusion.schedule;

import ddpm.config.Problems;

/** beta rises along a sigmoid from -6 to 6. Xu et al. 2022 (GeoDiff). Components as in {@link Linear}. */
public record Sigmoid(int timesteps, double betaStart, double betaEnd, boolean zeroSnr) implements ScheduleConfig {
    private static final double EDGE = 6;

    @Override
    public BetaSchedule schedule() {
        double[] betas = new double[timesteps];
        for (int t = 0; t < timesteps; t++) {
            double at = -EDGE + 2 * EDGE * t / (timesteps - 1);
            betas[t] = betaStart + (betaEnd - betaStart) / (1 + Math.exp(-at));
        }
        return BetaSchedule.of(betas, zeroSnr);
    }

    @Override
    public void check(Problems problems) {
        BetaRange.check(this, betaStart, betaEnd, zeroSnr, problems);
    }
}
