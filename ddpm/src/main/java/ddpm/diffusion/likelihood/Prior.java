package ddpm.diffusion.likelihood;

import ddpm.diffusion.Schedule;

/**
 * The term L_T: what is still known of an image at T-1, where sampling starts from noise alone. KL of N(signal x_0, noise^2)
 * to N(0, s^2); s = 1 where the process preserves the variance, else the noise at T-1, as samplers start.
 *
 * @param signal at T-1
 * @param logVariance of x_(T-1)
 * @param logStart of the start of sampling
 */
public record Prior(double signal, double logVariance, double logStart) {
    /** The one of a schedule. */
    public static Prior of(Schedule schedule) {
        int last = schedule.timesteps() - 1;
        double noise = 2 * Math.log(schedule.noise(last));
        return new Prior(schedule.signal(last), noise, schedule.variancePreserving() ? 0 : noise);
    }

    /** For one value of an image. */
    public double nats(double x0) {
        return GaussianKl.nats(signal * x0, logVariance, 0, logStart);
    }
}
