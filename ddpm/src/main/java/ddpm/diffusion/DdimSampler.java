package ddpm.diffusion;

/**
 * Sampling over some of the timesteps. Song et al. 2020, equation 12 with the sigma of equation 16:
 *
 * <pre>
 * next  = sqrt(a') * x0 + sqrt(1 - a' - sigma^2) * eps + sigma * z
 * sigma = eta * sqrt((1 - a') / (1 - a)) * sqrt(1 - a / a')
 * </pre>
 *
 * a is alphas_cumprod at this timestep, a' at the next one visited and 1 after the last. With clipping, eps is the noise
 * that leads from the clamped x_0 to x_t.
 */
public final class DdimSampler implements Sampler {
    /** Which timesteps are visited when they are fewer than T. */
    public enum Spacing {
        /** floor(k * T / steps) for k = 0 .. steps-1: ends at t = 0. */
        LEADING,
        /** round(T - k * T / steps) - 1: begins at t = T-1, where x_t is all noise. Lin et al. 2024, section 3.3. */
        TRAILING
    }

    private final NoiseSchedule schedule;
    private final int[] timesteps;
    private final double eta;
    private final boolean clip;

    /**
     * @param steps how many of the T timesteps to visit, 1 .. T
     * @param eta 0: deterministic, 1: as much noise as {@link DdpmSampler}
     * @param clip keep the estimate of x_0 within [-1,1]
     */
    public DdimSampler(NoiseSchedule schedule, int steps, double eta, Spacing spacing, boolean clip) {
        int all = schedule.timesteps();
        if (steps < 1 || steps > all) {
            throw new IllegalArgumentException("ddim: steps must be from 1 to T=" + all + ", got " + steps);
        }
        if (!(eta >= 0 && eta <= 1)) {
            throw new IllegalArgumentException("ddim: eta must be from 0 to 1, got " + eta);
        }
        this.schedule = schedule;
        this.eta = eta;
        this.clip = clip;
        this.timesteps = new int[steps];
        for (int k = 0; k < steps; k++) {
            timesteps[k] = spacing == Spacing.LEADING
                    ? Math.toIntExact((long) (steps - 1 - k) * all / steps)
                    : (int) Math.rint(all - (double) k * all / steps) - 1;
        }
    }

    @Override
    public int[] timesteps() {
        return timesteps.clone();
    }

    @Override
    public Update update(int k) {
        int t = timesteps[k];
        double a = schedule.alphaCumprod(t);
        double next = schedule.alphaCumprod(k + 1 < timesteps.length ? timesteps[k + 1] : -1);
        double sigma = eta * Math.sqrt((1 - next) / (1 - a)) * Math.sqrt(1 - a / next);
        double noise = Math.sqrt(Math.max(0, 1 - next - sigma * sigma)); // rounding may leave -1e-17
        double x0FromX = 1 / schedule.signal(t);
        double x0FromEps = schedule.noise(t) / schedule.signal(t);
        if (clip) {
            double fromX = noise / schedule.noise(t); // eps = (x_t - sqrt(a) x0) / sqrt(1 - a)
            double fromX0 = Math.sqrt(next) - fromX * schedule.signal(t);
            return new Update(t, x0FromX, x0FromEps, true, fromX0, fromX, 0, sigma);
        }
        return new Update(t, x0FromX, x0FromEps, false, Math.sqrt(next), 0, noise, sigma);
    }

    @Override
    public String toString() {
        return "ddim, " + timesteps.length + " steps from t=" + timesteps[0] + ", eta=" + eta
                + (clip ? ", clipped" : "");
    }
}
