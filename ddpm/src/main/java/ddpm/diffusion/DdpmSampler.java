package ddpm.diffusion;

import java.util.stream.IntStream;

/**
 * Ancestral sampling over all T timesteps. Ho et al. 2020, algorithm 2: x_{t-1} = mean + sigma * z with sigma^2 the
 * posterior variance, so nothing is random in the last step.
 *
 * @param schedule of the training
 * @param clip keep the estimate of x_0 within [-1,1]: the mean is then the posterior's of that estimate (equation 7),
 *     otherwise that of the predicted noise (equation 11); without clamping both are the same
 */
public record DdpmSampler(NoiseSchedule schedule, boolean clip) implements Sampler {
    @Override
    public int[] timesteps() {
        int last = schedule.timesteps() - 1;
        return IntStream.rangeClosed(0, last).map(k -> last - k).toArray();
    }

    @Override
    public Update update(int k) {
        int t = schedule.timesteps() - 1 - k;
        double alpha = schedule.alpha(t);
        double beta = schedule.beta(t);
        double left = schedule.alphaCumprod(t);
        double leftBefore = schedule.alphaCumprod(t - 1);
        double sigma = Math.sqrt(schedule.posteriorVariance(t));
        double x0FromX = 1 / schedule.signal(t);
        double x0FromEps = schedule.noise(t) / schedule.signal(t);
        if (clip) {
            double fromX0 = Math.sqrt(leftBefore) * beta / (1 - left);
            double fromX = Math.sqrt(alpha) * (1 - leftBefore) / (1 - left);
            return new Update(t, x0FromX, x0FromEps, true, fromX0, fromX, 0, sigma);
        }
        double fromX = 1 / Math.sqrt(alpha);
        double fromEps = -beta / (schedule.noise(t) * Math.sqrt(alpha));
        return new Update(t, x0FromX, x0FromEps, false, 0, fromX, fromEps, sigma);
    }

    @Override
    public String toString() {
        return "ddpm, " + schedule.timesteps() + " steps" + (clip ? ", clipped" : "");
    }
}
