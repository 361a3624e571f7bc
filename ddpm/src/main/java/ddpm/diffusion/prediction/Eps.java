package ddpm.diffusion.prediction;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;

/** F is the noise: x_0 = (x_t - noise F) / signal. Ho et al. 2020, equation 12. */
public record Eps() implements Prediction {
    @Override
    public Coefficients at(double signal, double noise) {
        return new Coefficients(1 / signal, -noise / signal, 0, 1, 1);
    }

    @Override
    public String unfit(Schedule schedule) {
        return schedule.endsInNoise()
                ? "eps says nothing about the image where no signal is left, as at T-1 of this schedule; take v"
                : "";
    }
}
