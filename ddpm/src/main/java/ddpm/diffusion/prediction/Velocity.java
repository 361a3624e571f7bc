package ddpm.diffusion.prediction;

import ddpm.diffusion.Prediction;

/**
 * F is eps - x_0: the velocity of the straight line from image to noise. Lipman et al. 2023. On that line signal + noise =
 * 1, and x_0 = x_t - noise F.
 */
public record Velocity() implements Prediction {
    @Override
    public Coefficients at(double signal, double noise) {
        double sum = signal + noise;
        return new Coefficients(1 / sum, -noise / sum, -1, 1, 1);
    }
}
