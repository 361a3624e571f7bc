package ddpm.diffusion;

import ddpm.config.Problems;

/**
 * What the network's output F means. At every level of noise an estimate of the image and the target of the training are
 * linear: {@code x_0 = a x_t + b F}, and F should be {@code c x_0 + d eps}.
 */
public interface Prediction {
    /**
     * The numbers at one level of noise.
     *
     * @param a factor of x_t in the estimate of x_0
     * @param b factor of F in it
     * @param c factor of x_0 in the target
     * @param d factor of eps in the target
     * @param input the network sees {@code input * x_t}
     */
    record Coefficients(double a, double b, double c, double d, double input) {}

    /** The numbers where {@code x_t = signal x_0 + noise eps}. */
    Coefficients at(double signal, double noise);

    /** Adds what is wrong with its own settings. */
    default void check(Problems problems) {
        // most have none
    }

    /** Why it cannot go with a schedule, and the remedy; empty text where it can. */
    default String unfit(Schedule schedule) {
        return "";
    }
}
