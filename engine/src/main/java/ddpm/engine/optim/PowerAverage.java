package ddpm.engine.optim;

/**
 * An average of the parameters whose weights grow as a power of time: those of time s count in proportion to s^gamma in the
 * average of time t. Its width is a fixed share of the training, however long that is; an exponential average has a fixed
 * width in steps. Karras et al. 2024 (EDM2), section 3.1.
 *
 * <pre>
 * std^2 = (gamma + 1) / ((gamma + 2)^2 (gamma + 3))       beta = (1 - batch / seen)^(gamma + 1)
 * average = beta * average + (1 - beta) * parameter
 * </pre>
 *
 * std 0.1, a tenth of the training, is gamma = 6.94; std 0.05 is gamma = 16.97. Two such averages stored along a training
 * give one of any width afterwards, see {@link PostHoc}.
 *
 * @param gamma above -1; 0 is the plain mean of all parameters
 */
public record PowerAverage(double gamma) {
    /** The exponent of the widest average: the width shrinks on both sides of it. (gamma + 1)(gamma + 3) = gamma + 2. */
    private static final double WIDEST_GAMMA = (Math.sqrt(5) - 3) / 2;

    /** The largest relative width, 0.3003; the mean over the whole training, gamma = 0, has 0.2887. */
    public static final double WIDEST = new PowerAverage(WIDEST_GAMMA).std();

    private static final double LEAST = 1e-6;
    private static final int HALVINGS = 200;

    /** @throws IllegalArgumentException where gamma is not a number above -1 */
    public PowerAverage {
        if (!(gamma > -1 && gamma < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("power average: gamma " + gamma + ", needed is a number above -1");
        }
    }

    /**
     * The average of a relative width.
     *
     * @param std standard deviation of the times that it holds, as a share of the training; at most {@link #WIDEST}
     * @throws IllegalArgumentException for another std
     */
    public static PowerAverage ofStd(double std) {
        if (!(std >= LEAST && std <= WIDEST)) {
            throw new IllegalArgumentException(
                    "power average: std " + std + " of the training, needed is from " + LEAST + " to " + WIDEST);
        }
        return new PowerAverage(largestRoot(std));
    }

    /**
     * The largest real root of g^3 + 7 g^2 + (16 - k) g + 12 - k with k = 1/std^2. From the widest average on the width shrinks
     * as g grows, so there is one root, and halving an interval finds it to the last bit.
     */
    private static double largestRoot(double std) {
        double low = WIDEST_GAMMA;
        double high = 1 / std; // std < 1 / (g + 2), as g + 1 < g + 3
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (new PowerAverage(middle).std() > std) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /** The relative width, above 0. */
    public double std() {
        return Math.sqrt((gamma + 1) / (gamma + 3)) / (gamma + 2);
    }

    /**
     * The decay of one update; 0 for the first, so that an average needs no beginning.
     *
     * @param seen images, or steps, from the beginning until after the update
     * @param batch how many of them are new
     */
    public double beta(double seen, double batch) {
        return Math.pow(1 - batch / seen, gamma + 1);
    }
}
