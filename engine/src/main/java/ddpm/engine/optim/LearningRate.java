package ddpm.engine.optim;

/** The learning rate of each step. Steps count from 1. */
@FunctionalInterface
public interface LearningRate {
    double at(long step);

    static LearningRate constant(double lr) {
        return step -> lr;
    }

    /**
     * Half a cosine from lr at the first step to 0 after the last. Loshchilov &amp; Hutter 2017, equation 5 without
     * restarts.
     *
     * @param steps of the whole run
     */
    static LearningRate cosine(double lr, long steps) {
        return step -> {
            double done = Math.min(1, (step - 1) / (double) steps);
            return lr * 0.5 * (1 + Math.cos(Math.PI * done));
        };
    }

    /**
     * Cosines from lr at the first step: half of one falls to 0 after the last, more of them rise again, as the rate does after
     * the last step. Loshchilov &amp; Hutter 2017, equation 5, without jumps.
     *
     * @param steps of the whole run
     * @param cycles whole cosines in these steps; 0.5 is {@link #cosine(double, long)} up to its last step
     */
    static LearningRate cosine(double lr, long steps, double cycles) {
        return step -> {
            double done = (step - 1) / (double) Math.max(1, steps);
            return lr * Math.max(0, 0.5 * (1 + Math.cos(2 * Math.PI * cycles * done)));
        };
    }

    /** A straight line from lr at the first step to 0 after the last. @param steps of the whole run */
    static LearningRate linear(double lr, long steps) {
        return step -> lr * (1 - Math.min(1, (step - 1) / (double) steps));
    }

    /**
     * A linear rise that gives the first of {@code warmUp} steps 1/warmUp of this rate's beginning and the last all of
     * it; then this rate from its beginning.
     */
    default LearningRate after(long warmUp) {
        return step -> step <= warmUp ? at(1) * step / warmUp : at(step - warmUp);
    }
}
