package ddpm.diffusion.schedule;

import ddpm.config.Problems;

/**
 * alphas_cumprod follows f(t)/f(0) with f(t) = cos^2((t/T + 0.008) / 1.008 * pi/2), which spends fewer steps on almost pure
 * noise. Nichol &amp; Dhariwal 2021, equation 17; betas are 1 - f((t+1)/T) / f(t/T), at most {@code maxBeta}.
 *
 * @param timesteps T
 * @param maxBeta cap of beta near T, where f is almost 0
 * @param zeroSnr see {@link BetaSchedule#toZeroTerminalSnr}
 */
public record Cosine(int timesteps, double maxBeta, boolean zeroSnr) implements ScheduleConfig {
    private static final double OFFSET = 0.008;

    @Override
    public BetaSchedule schedule() {
        double[] betas = new double[timesteps];
        for (int t = 0; t < timesteps; t++) {
            betas[t] = Math.min(1 - f((t + 1.0) / timesteps) / f((double) t / timesteps), maxBeta);
        }
        return BetaSchedule.of(betas, zeroSnr);
    }

    private static double f(double share) {
        double c = Math.cos((share + OFFSET) / (1 + OFFSET) * Math.PI / 2);
        return c * c;
    }

    @Override
    public void check(Problems problems) {
        ScheduleConfig.checkTimesteps(timesteps, problems);
        problems.range(maxBeta > 0 && maxBeta < 1, "max_beta", maxBeta, "above 0 and below 1");
    }
}
