package ddpm.diffusion.weighting;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Weighting;

/** Every squared error of F counts once. Ho et al. 2020, equation 14. */
public record Simple() implements Weighting {
    @Override
    public double of(Schedule schedule, Prediction.Coefficients prediction, double t) {
        return 1;
    }
}
