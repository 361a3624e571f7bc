package ddpm.diffusion.weighting;

import ddpm.config.Problems;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Weighting;

/**
 * The squared error of x_0 counts min(SNR, gamma) times: as in eps prediction where there is much noise, and no more than
 * gamma where there is little. Hang et al. 2023, section 3.4. Where nothing of the image is left the weight is 1, as in the
 * authors' code: with 0 the network would never learn what a sampler asks first.
 *
 * @param gamma 5 in the paper
 */
public record MinSnr(double gamma) implements Weighting {
    @Override
    public double of(Schedule schedule, Prediction.Coefficients prediction, double t) {
        double b = prediction.b();
        double snr = Weighting.snr(schedule, t);
        return snr == 0 ? 1 : Math.min(snr, gamma) * b * b;
    }

    @Override
    public void check(Problems problems) {
        problems.range(gamma > 0, "gamma", gamma, "above 0");
    }
}
