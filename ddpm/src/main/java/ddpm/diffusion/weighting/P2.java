package ddpm.diffusion.weighting;

import ddpm.config.Problems;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Weighting;

/**
 * The squared error of eps counts (k + SNR)^-gamma times: little noise, where only details are missing, counts less. Choi et
 * al. 2022, equation 8.
 *
 * @param gamma 1 in the paper
 * @param k 1 in the paper
 */
public record P2(double gamma, double k) implements Weighting {
    @Override
    public double of(Schedule schedule, Prediction.Coefficients prediction, double t) {
        double snr = Weighting.snr(schedule, t);
        // the squared error of eps is SNR times that of x_0; an F that is eps alone says it also where no signal is
        // left
        double eps = prediction.c() == 0 ? 1 / prediction.d() : Math.sqrt(snr) * prediction.b();
        return Math.pow(k + snr, -gamma) * eps * eps;
    }

    @Override
    public void check(Problems problems) {
        problems.range(gamma >= 0, "gamma", gamma, "at least 0");
        problems.range(k > 0, "k", k, "above 0");
    }
}
