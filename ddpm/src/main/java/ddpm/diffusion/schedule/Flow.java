package ddpm.diffusion.schedule;

import ddpm.config.Problems;
import ddpm.diffusion.Schedule;

/**
 * The straight line from the image to the noise, {@code x = (1 - s) x_0 + s eps}. Liu et al. 2023 (rectified flow), Lipman et
 * al. 2023. s = (t + 1) / T, warped by {@code shift s / (1 + (shift - 1) s)} (Esser et al. 2024, section 5.3.2): larger
 * images need more noise for the same effect. The network is given T s.
 *
 * @param timesteps T
 * @param shift 1 for none
 */
public record Flow(int timesteps, double shift) implements ScheduleConfig, Schedule {
    @Override
    public Schedule schedule() {
        return this;
    }

    private double warp(double s) {
        return shift * s / (1 + (shift - 1) * s);
    }

    @Override
    public double signal(double t) {
        return 1 - noise(t);
    }

    @Override
    public double noise(double t) {
        return warp((t + 1) / timesteps);
    }

    @Override
    public double time(double t) {
        return timesteps * noise(t);
    }

    @Override
    public double atSigma(double sigma) {
        double s = sigma / (1 + sigma);
        double unwarped = s / (shift - (shift - 1) * s);
        return Math.max(0, Math.min(timesteps - 1, unwarped * timesteps - 1));
    }

    /** As the published pipelines have it, whose lower end is warped twice. */
    @Override
    public double first() {
        return timesteps * warp(1.0 / timesteps) - 1;
    }

    @Override
    public void check(Problems problems) {
        ScheduleConfig.checkTimesteps(timesteps, problems);
        problems.range(shift > 0 && shift <= 100, "shift", shift, "above 0 and at most 100");
    }
}
