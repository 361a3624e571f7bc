package ddpm.diffusion.schedule;

import ddpm.config.Problems;

/**
 * Answer to the exercise of chapter 1: log SNR falls in a straight line from {@code first} to {@code last}. Image and noise are
 * equally strong where it is 0, half-way, at t = 499.5 of 1000. The last beta is 0.0198: that close to the end alphas_cumprod is
 * exp(log SNR), which falls by 20 / 999 in each step.
 */
record AnswerLogSnr(int timesteps, double first, double last) implements ScheduleConfig {
    @Override
    public BetaSchedule schedule() {
        double[] betas = new double[timesteps];
        double before = 1;
        for (int t = 0; t < timesteps; t++) {
            double share = 1 / (1 + Math.exp(-(first + (last - first) * t / (timesteps - 1))));
            betas[t] = 1 - share / before;
            before = share;
        }
        return BetaSchedule.ofBetas(betas);
    }

    @Override
    public void check(Problems problems) {
        ScheduleConfig.checkTimesteps(timesteps, problems);
        problems.range(last < first, "last", last, "below first: noise grows with t");
    }
}
