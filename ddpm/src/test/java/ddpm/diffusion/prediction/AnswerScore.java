package ddpm.diffusion.prediction;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;

/**
 * Answer to the exercise of chapter 2: F is the score, -eps / noise, so x_0 = (x_t + noise^2 F) / signal. At t = 0 the target has
 * a standard deviation of 1 / noise = 100. Its squared error times noise^2 is that of eps; a weight w of the error of x_0
 * becomes w noise^4 / signal^2, so w is the SNR: {@code min_snr} with a gamma that no SNR passes, 10,000 for the linear schedule.
 */
record AnswerScore() implements Prediction {
    @Override
    public Coefficients at(double signal, double noise) {
        return new Coefficients(1 / signal, noise * noise / signal, 0, -1 / noise, 1);
    }

    @Override
    public String unfit(Schedule schedule) {
        return schedule.endsInNoise() ? "score says nothing about the image where no signal is left; take v" : "";
    }
}
