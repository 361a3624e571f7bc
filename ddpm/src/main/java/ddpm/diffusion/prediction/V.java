package ddpm.diffusion.prediction;

import ddpm.diffusion.Prediction;

/**
 * F is v = (signal eps - noise x_0) / r with r^2 = signal^2 + noise^2: the noise where there is little of it, the negative
 * image where there is nothing else. Salimans &amp; Ho 2022, section 4, whose r is 1.
 */
public record V() implements Prediction {
    @Override
    public Coefficients at(double signal, double noise) {
        double r = Math.hypot(signal, noise);
        return new Coefficients(signal / (r * r), -noise / r, -noise / r, signal / r, 1);
    }
}
