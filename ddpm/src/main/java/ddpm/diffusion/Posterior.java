package ddpm.diffusion;

/**
 * What x at less noise can be where x at more noise and the image are known: a Gaussian of mean {@code x0 x_0 + x x_t}. Ho et
 * al. 2020, equation 7, for any two levels of any process; with ' for the level of less noise, {@code r = signal / signal'}:
 *
 * <pre>
 * beta = noise^2 - r^2 noise'^2      x0 = signal' beta / noise^2      x = r noise'^2 / noise^2
 * variance = beta noise'^2 / noise^2
 * </pre>
 *
 * @param x0 factor of the image in the mean
 * @param x factor of x_t in it
 * @param variance 0 where the other level is the image itself
 * @param beta variance of the noise that the step of the forward process adds, at least {@code variance}
 */
public record Posterior(double x0, double x, double variance, double beta) {
    /** From one level to one of less noise. */
    public static Posterior between(double signal, double noise, double nextSignal, double nextNoise) {
        double r = signal / nextSignal;
        double all = noise * noise;
        double left = nextNoise * nextNoise;
        double beta = all - r * r * left;
        return new Posterior(nextSignal * beta / all, r * left / all, beta * left / all, beta);
    }

    /** From t to t-1; from t = 0 to the image, whose mean is the image alone. */
    public static Posterior at(Schedule schedule, int t) {
        boolean last = t == 0;
        return between(
                schedule.signal(t),
                schedule.noise(t),
                last ? 1 : schedule.signal(t - 1.0),
                last ? 0 : schedule.noise(t - 1.0));
    }
}
