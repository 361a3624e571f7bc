package ddpm.picture;

/** A mean of the last values, weighted exponentially and divided by the weights so far: no bias towards the first value. */
public final class RunningMean {
    private final double keep;
    private double sum;
    private double weights;

    /** @param memory values it goes back over, above 1 */
    public RunningMean(double memory) {
        this.keep = 1 - 1 / memory;
    }

    /** The mean with another value. */
    public double add(double value) {
        sum = keep * sum + value;
        weights = keep * weights + 1;
        return sum / weights;
    }
}
