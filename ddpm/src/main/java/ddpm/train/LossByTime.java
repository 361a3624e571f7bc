package ddpm.train;

import java.util.Collections;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What images cost in each of {@link #PARTS} equal parts of [0, T), so that what the network learns of nearly clean images is
 * told from what it learns of noise.
 *
 * @param sums of what the images of a part added to the loss, each as often as it would have been drawn if all rows of the
 *     training's table had equal shares
 * @param counts of the images of a part, in the same way
 */
public record LossByTime(List<Double> sums, List<Double> counts) {
    public static final int PARTS = 4;

    /** Of no image. */
    public static final LossByTime NONE = of(new double[PARTS], new double[PARTS]);

    static LossByTime of(double[] sums, double[] counts) {
        return new LossByTime(list(i -> sums[i]), list(i -> counts[i]));
    }

    /** The part that a t belongs to. @param timesteps T */
    static int part(double t, int timesteps) {
        return (int) Math.max(0, Math.min(PARTS - 1, Math.floor(PARTS * t / timesteps)));
    }

    /** Of the images of both. */
    public LossByTime plus(LossByTime other) {
        return new LossByTime(
                list(i -> sums.get(i) + other.sums.get(i)), list(i -> counts.get(i) + other.counts.get(i)));
    }

    /** The mean loss of each part; NaN where no image had such a t. */
    public List<Double> means() {
        return list(i -> sums.get(i) / counts.get(i));
    }

    /** What is not known: NaN in each part. */
    public static List<Double> unknown() {
        return Collections.nCopies(PARTS, Double.NaN);
    }

    private static List<Double> list(IntToDoubleFunction of) {
        return IntStream.range(0, PARTS).mapToDouble(of).boxed().toList();
    }
}
