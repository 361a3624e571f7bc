package ddpm.train.checkpoint;

/**
 * Which weights of a checkpoint to draw with.
 *
 * @param raw those of the last step
 * @param average NaN for the training's own average; a decay, or a relative width, of another one
 */
public record WeightsChoice(boolean raw, double average) {
    public static final WeightsChoice EMA = new WeightsChoice(false, Double.NaN);
    public static final WeightsChoice RAW = new WeightsChoice(true, Double.NaN);

    /** Another average of the training. */
    public static WeightsChoice average(double value) {
        return new WeightsChoice(false, value);
    }

    /** Whether it is another than the training's own. */
    public boolean another() {
        return !Double.isNaN(average);
    }
}
