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
     * A linear rise that gives the first of {@code warmUp} steps 1/warmUp of this rate's beginning and the last all of
     * it; then this rate from its beginning.
     */
    default LearningRate after(long warmUp) {
        return step -> step <= warmUp ? at(1) * step / warmUp : at(step - warmUp);
    }
}
