package ddpm.diffusion.solver;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;

/**
 * A level of noise as a solver sees it: {@code x = signal x_0 + noise eps}, in the coordinates in which it keeps x, and what
 * the network's output F means there: {@code x_0 = a x + b F} where it is given {@code input x} and {@code time}.
 *
 * @param t of the schedule, see {@link Schedule}
 */
public record Level(double t, double time, double input, double a, double b, double signal, double noise) {
    /** The image itself, where no network is asked. */
    static final Level IMAGE = new Level(-1, 0, 1, 1, 0, 1, 0);

    /** The level at t. */
    public static Level at(Schedule schedule, Prediction prediction, double t) {
        return of(prediction, t, schedule.time(t), schedule.signal(t), schedule.noise(t));
    }

    /** The level at a sigma that need not be one of the schedule's t; the network is given that of {@code t}. */
    public static Level atSigma(Schedule schedule, Prediction prediction, double sigma, double t) {
        if (!schedule.variancePreserving()) {
            return at(schedule, prediction, t);
        }
        double signal = 1 / Math.sqrt(1 + sigma * sigma);
        return of(prediction, t, schedule.time(t), signal, sigma * signal);
    }

    private static Level of(Prediction prediction, double t, double time, double signal, double noise) {
        Prediction.Coefficients p = prediction.at(signal, noise);
        return new Level(t, time, p.input(), p.a(), p.b(), signal, noise);
    }

    /** noise / signal. */
    public double sigma() {
        return noise / signal;
    }

    /** log(signal / noise), half the logarithm of the SNR; infinite for the image. */
    double lambda() {
        return Math.log(signal / noise);
    }

    /** The same level for x / signal = x_0 + sigma eps. */
    Level inSigmaSpace() {
        return new Level(t, time, input * signal, a * signal, b, 1, sigma());
    }

    boolean isImage() {
        return noise == 0;
    }
}
