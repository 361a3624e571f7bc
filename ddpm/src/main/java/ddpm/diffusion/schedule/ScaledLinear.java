package ddpm.diffusion.schedule;

import ddpm.config.Problems;

/** The root of beta rises linearly. Rombach et al. 2022, appendix (latent diffusion). Components as in {@link Linear}. */
public record ScaledLinear(int timesteps, double betaStart, double betaEnd, boolean zeroSnr) implements ScheduleConfig {
    @Override
    public BetaSchedule schedule() {
        double[] betas = new double[timesteps];
        double first = Math.sqrt(betaStart);
        double step = (Math.sqrt(betaEnd) - first) / (timesteps - 1);
        for (int t = 0; t < timesteps; t++) {
            double root = first + step * t;
            betas[t] = root * root;
        }
        return BetaSchedule.of(betas, zeroSnr);
    }

    @Override
    public void check(Problems problems) {
        BetaRange.check(this, betaStart, betaEnd, zeroSnr, problems);
    }
}
