package ddpm.evaluate;

import ddpm.evaluate.measure.Rows;
import ddpm.evaluate.measure.Tint;
import java.util.Arrays;
import java.util.List;

/**
 * What a {@link Tint} says of samples and of real images.
 *
 * @param name of what is looked at
 * @param samples mean over the samples, 0 .. 255
 * @param real the same over held-out images
 * @param outside share of samples below 1 or above 99 % of the training images
 * @param realOutside the same of held-out images, about 0.02
 */
record Tints(String name, double samples, double real, double outside, double realOutside) {
    /** Brightness and contrast, of colour images saturation as well. @param training a good part of the training images */
    static List<Tints> of(Rows samples, Rows heldOut, Rows training, int channels) {
        return Tint.of(channels).stream()
                .map(tint -> of(
                        tint.toString(),
                        tint.values(samples, channels),
                        tint.values(heldOut, channels),
                        Tint.Range.of(tint.values(training, channels))))
                .toList();
    }

    private static Tints of(String name, double[] drawn, double[] real, Tint.Range range) {
        return new Tints(name, mean(drawn), mean(real), range.outside(drawn), range.outside(real));
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(0);
    }
}
