package ddpm.diffusion.times;

import ddpm.config.Problems;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTimes;

/**
 * t / T = 1 - u - scale (cos^2(pi u / 2) - 1 + u) with u uniform in 0 .. 1: more of the middle, and the ends still have their
 * share, which {@link LogitNormal} takes from them. Esser et al. 2024, section 3.1, mode sampling with heavy tails. The rows
 * are the T quantiles of that distribution.
 *
 * @param scale 0 for uniform, above 0 for more of the middle; 1.29 in the paper
 */
public record Mode(double scale) implements TrainingTimes {
    /** Where the share stops falling with u everywhere. */
    private static final double MOST = 2 / (Math.PI - 2);

    /** The share t / T at a u of 0 .. 1; falls from 1 to 0. */
    public double share(double u) {
        double c = Math.cos(Math.PI * u / 2);
        return 1 - u - scale * (c * c - 1 + u);
    }

    @Override
    public double[] rows(Schedule schedule) {
        return Shares.rows(schedule, share -> share(1 - share));
    }

    @Override
    public void check(Problems problems) {
        problems.range(scale >= -1 && scale <= MOST, "scale", scale, "from -1 to 2 / (pi - 2), about 1.75");
    }
}
