package ddpm.diffusion.times;

import ddpm.config.Problems;
import ddpm.diffusion.Normal;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTimes;

/**
 * log sigma of N(mean, std): the levels at which something can be learned. Karras et al. 2022, table 1. The rows are the T
 * quantiles of that distribution.
 *
 * @param mean P_mean, -1.2 in the paper
 * @param std P_std, 1.2 in the paper
 */
public record LogNormal(double mean, double std) implements TrainingTimes {
    /** sigma at a z of N(0,1). */
    public double sigma(double z) {
        return Math.exp(mean + std * z);
    }

    @Override
    public double[] rows(Schedule schedule) {
        double[] rows = new double[schedule.timesteps()];
        for (int i = 0; i < rows.length; i++) {
            double t = schedule.atSigma(sigma(Normal.quantile((i + 0.5) / rows.length)));
            rows[i] = schedule.whole() ? Math.rint(t) : t;
        }
        return rows;
    }

    @Override
    public void check(Problems problems) {
        problems.range(Math.abs(mean) <= 10, "mean", mean, "from -10 to 10");
        problems.range(std > 0 && std <= 10, "std", std, "above 0 and at most 10");
    }
}
