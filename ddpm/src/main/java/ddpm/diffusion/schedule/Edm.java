package ddpm.diffusion.schedule;

import ddpm.config.Problems;
import ddpm.diffusion.Schedule;

/**
 * {@code x = x_0 + sigma eps}: the image is never scaled down, the noise grows until it drowns it. Karras et al. 2022. The
 * T levels are spaced as their equation 5; the network is given 1000 times their c_noise = log(sigma) / 4, since our time
 * embedding is made for numbers of that size.
 *
 * @param timesteps T
 * @param sigmaMin noise of level 0, in units of the data (images are -1 .. 1)
 * @param sigmaMax noise of level T-1
 * @param rho how much denser levels are at little noise; 1 spaces them evenly
 */
public record Edm(int timesteps, double sigmaMin, double sigmaMax, double rho) implements ScheduleConfig, Schedule {
    /** The network's time in units of c_noise. */
    public static final double TIME_SCALE = 1000;

    @Override
    public Schedule schedule() {
        return this;
    }

    @Override
    public double signal(double t) {
        return 1;
    }

    @Override
    public double noise(double t) {
        double low = Math.pow(sigmaMin, 1 / rho);
        double high = Math.pow(sigmaMax, 1 / rho);
        return Math.pow(low + t / (timesteps - 1) * (high - low), rho);
    }

    @Override
    public double time(double t) {
        return TIME_SCALE * Math.log(noise(t)) / 4;
    }

    /** Also outside of sigmaMin .. sigmaMax. */
    @Override
    public double atSigma(double sigma) {
        double low = Math.pow(sigmaMin, 1 / rho);
        double high = Math.pow(sigmaMax, 1 / rho);
        return (Math.pow(sigma, 1 / rho) - low) / (high - low) * (timesteps - 1);
    }

    @Override
    public void check(Problems problems) {
        ScheduleConfig.checkTimesteps(timesteps, problems);
        problems.range(sigmaMin > 0, "sigma_min", sigmaMin, "above 0");
        problems.range(rho >= 1 && rho <= 100, "rho", rho, "from 1 to 100");
        if (!(sigmaMax > sigmaMin)) {
            problems.add(
                    "sigma_max",
                    sigmaMax + " is not above " + problems.path("sigma_min") + "=" + sigmaMin + "; noise grows with t");
        }
    }
}
