package ddpm.diffusion.prediction;

import ddpm.config.Problems;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;

/**
 * F is what is missing to the image after a share of x_t, scaled so that input and target have variance 1 at every level:
 * with x = x_t / signal and sigma = noise / signal, x_0 = c_skip x + c_out F and the network sees c_in x. Karras et al. 2022,
 * table 1.
 *
 * @param sigmaData standard deviation of the images' values, about 0.5 for -1 .. 1
 */
public record EdmPreconditioning(double sigmaData) implements Prediction {
    @Override
    public Coefficients at(double signal, double noise) {
        double sigma = noise / signal;
        double r = Math.hypot(sigma, sigmaData);
        double skip = sigmaData * sigmaData / (r * r);
        double out = sigma * sigmaData / r;
        // F = (x_0 - c_skip (x_0 + sigma eps)) / c_out
        return new Coefficients(skip / signal, out, (1 - skip) / out, -skip * sigma / out, 1 / (r * signal));
    }

    @Override
    public String unfit(Schedule schedule) {
        return schedule.endsInNoise()
                ? "edm divides by the signal, of which nothing is left at T-1 of this schedule; take v or velocity"
                : "";
    }

    @Override
    public void check(Problems problems) {
        problems.range(sigmaData > 0 && sigmaData <= 10, "sigma_data", sigmaData, "above 0 and at most 10");
    }
}
