package ddpm.diffusion.weighting;

import ddpm.config.Problems;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Weighting;

/**
 * The squared error of x_0 counts (sigma^2 + sigma_data^2) / (sigma sigma_data)^2 times, which makes every level of noise
 * count alike at first. Karras et al. 2022, table 1.
 *
 * @param sigmaData standard deviation of the images' values
 */
public record EdmWeighting(double sigmaData) implements Weighting {
    @Override
    public double of(Schedule schedule, Prediction.Coefficients prediction, double t) {
        double snr = Weighting.snr(schedule, t);
        double b = prediction.b();
        return (1 / (sigmaData * sigmaData) + snr) * b * b;
    }

    @Override
    public void check(Problems problems) {
        problems.range(sigmaData > 0, "sigma_data", sigmaData, "above 0");
    }
}
