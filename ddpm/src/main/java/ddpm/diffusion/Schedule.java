package ddpm.diffusion;

/**
 * The forward process: {@code x_t = signal(t) x_0 + noise(t) eps} with eps standard normal. Every recipe is these two
 * functions and the number that the network is given for t.
 *
 * <p>t runs over 0 .. T-1 from the image to the noise. Training draws whole t; samplers may ask for any number between,
 * which is why t is a double.
 */
public interface Schedule {
    /** T: how many levels of noise training draws from. */
    int timesteps();

    /** Factor of x_0 in x_t. 0 at T-1 where a schedule ends in noise alone. */
    double signal(double t);

    /** Factor of eps in x_t; grows with t. */
    double noise(double t);

    /** What the network is given for t: t itself unless a recipe says otherwise. */
    default double time(double t) {
        return t;
    }

    /** noise / signal: how noisy x_t is whatever its scale. Finite: samplers in these units begin at it. */
    default double sigma(double t) {
        return noise(t) / signal(t);
    }

    /** The t whose {@link #sigma} is this one, between 0 and T-1. */
    double atSigma(double sigma);

    /** The least t that samplers visit before the image itself. */
    default double first() {
        return 0;
    }

    /** Whether samplers visit whole t only, as the network has seen no others. */
    default boolean whole() {
        return false;
    }

    /** Whether signal^2 + noise^2 = 1 at all t, so that x_t has the variance of normalised data. */
    default boolean variancePreserving() {
        return false;
    }

    /** Whether nothing of the image is left at T-1. */
    default boolean endsInNoise() {
        return signal(timesteps() - 1) == 0;
    }
}
