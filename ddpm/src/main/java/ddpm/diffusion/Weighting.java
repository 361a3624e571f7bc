package ddpm.diffusion;

import ddpm.config.Problems;

/**
 * How much the squared error at each level of noise counts. Stated for the error of x_0, since every prediction's error is
 * a multiple of that: where {@code x_0 = a x_t + b F}, the error of x_0 is b times the error of F.
 */
public interface Weighting {
    /**
     * Weight of the squared error of F at t.
     *
     * @param prediction of the network, at t
     */
    double of(Schedule schedule, Prediction.Coefficients prediction, double t);

    /** Whether a training divides the weights by their mean, since only their proportions are meant. */
    default boolean normalised() {
        return false;
    }

    /** Adds what is wrong with its own settings. */
    default void check(Problems problems) {
        // most have none
    }

    /** signal^2 / noise^2 at t. */
    static double snr(Schedule schedule, double t) {
        double signal = schedule.signal(t);
        double noise = schedule.noise(t);
        return signal * signal / (noise * noise);
    }
}
