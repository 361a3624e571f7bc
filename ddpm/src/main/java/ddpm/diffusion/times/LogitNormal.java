package ddpm.diffusion.times;

import ddpm.config.Problems;
import ddpm.diffusion.Normal;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTimes;

/**
 * t / T = 1 / (1 + exp(-z)) with z of N(mean, std): more of the middle, where a flow is hardest to learn. Esser et al. 2024,
 * section 3.1. The rows are the T quantiles of that distribution.
 *
 * @param mean above 0 for more noise
 * @param std of z
 */
public record LogitNormal(double mean, double std) implements TrainingTimes {
    /** The share t / T at a z of N(0,1). */
    public double share(double z) {
        return 1 / (1 + Math.exp(-(mean + std * z)));
    }

    @Override
    public double[] rows(Schedule schedule) {
        return Shares.rows(schedule, share -> share(Normal.quantile(share)));
    }

    @Override
    public void check(Problems problems) {
        problems.range(Math.abs(mean) <= 10, "mean", mean, "from -10 to 10");
        problems.range(std > 0 && std <= 10, "std", std, "above 0 and at most 10");
    }
}
