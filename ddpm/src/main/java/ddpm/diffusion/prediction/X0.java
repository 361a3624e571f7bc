package ddpm.diffusion.prediction;

import ddpm.diffusion.Prediction;

/** F is the image itself. */
public record X0() implements Prediction {
    @Override
    public Coefficients at(double signal, double noise) {
        return new Coefficients(0, 1, 1, 0, 1);
    }
}
