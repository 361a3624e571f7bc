package ddpm.diffusion.weighting;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Weighting;

/**
 * The variational bound: the squared error of x_0 counts (SNR(t-1) - SNR(t)) / 2 times, divided by the mean over t of that
 * weight for the error of F, so that the loss stays of the size of the others. Ho et al. 2020, equation 12; Kingma et al.
 * 2021, equation 13. t = 0, whose term is of another kind, counts as t = 1.
 */
public record Vlb() implements Weighting {
    @Override
    public double of(Schedule schedule, Prediction.Coefficients prediction, double t) {
        double at = Math.max(1, t);
        double b = prediction.b();
        return (Weighting.snr(schedule, at - 1) - Weighting.snr(schedule, at)) / 2 * b * b;
    }

    @Override
    public boolean normalised() {
        return true;
    }
}
