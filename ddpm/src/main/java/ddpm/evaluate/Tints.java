package ddpm.evaluate;

import ddpm.evaluate.measure.Rows;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How bright, how rich in contrast and how colourful images are, which no distance of features says.
 *
 * @param name of what is looked at
 * @param samples mean over the samples, 0 .. 255
 * @param real the same over held-out images
 * @param outside share of samples below 1 or above 99 % of the training images
 * @param realOutside the same of held-out images, about 0.02
 */
record Tints(String name, double samples, double real, double outside, double realOutside) {
    private static final double TAIL = 0.01;

    private record Kind(String name, ToDoubleFunction<float[]> of) {}

    /** Brightness and contrast, of colour images saturation as well. @param training a good part of the training images */
    static List<Tints> of(Rows samples, Rows heldOut, Rows training, int channels) {
        List<Kind> kinds = List.of(
                new Kind("brightness", Tints::mean),
                new Kind("contrast", Tints::spread),
                new Kind("saturation", image -> saturation(image, channels)));
        return kinds.subList(0, channels == 1 ? 2 : 3).stream()
                .map(kind -> of(kind, samples, heldOut, training))
                .toList();
    }

    private static Tints of(Kind kind, Rows samples, Rows heldOut, Rows training) {
        double[] all = values(kind, training);
        Arrays.sort(all);
        double low = all[(int) (TAIL * (all.length - 1))];
        double high = all[(int) Math.ceil((1 - TAIL) * (all.length - 1))];
        double[] drawn = values(kind, samples);
        double[] real = values(kind, heldOut);
        return new Tints(kind.name, mean(drawn), mean(real), outside(drawn, low, high), outside(real, low, high));
    }

    private static double[] values(Kind kind, Rows rows) {
        return IntStream.range(0, rows.count())
                .mapToDouble(i -> kind.of.applyAsDouble(rows.row(i)))
                .toArray();
    }

    private static double outside(double[] values, double low, double high) {
        return Arrays.stream(values).filter(v -> v < low || v > high).count() / (double) values.length;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(0);
    }

    private static double mean(float[] image) {
        double sum = 0;
        for (float v : image) {
            sum += v;
        }
        return sum / image.length;
    }

    /** Standard deviation of the values of an image. */
    private static double spread(float[] image) {
        double mean = mean(image);
        double squares = 0;
        for (float v : image) {
            squares += (v - mean) * (v - mean);
        }
        return Math.sqrt(squares / image.length);
    }

    /** How far the largest channel of a pixel is above the smallest, on average. */
    private static double saturation(float[] image, int channels) {
        double sum = 0;
        for (int at = 0; at < image.length; at += channels) {
            float most = image[at];
            float least = image[at];
            for (int c = 1; c < channels; c++) {
                most = Math.max(most, image[at + c]);
                least = Math.min(least, image[at + c]);
            }
            sum += most - least;
        }
        return sum / (image.length / channels);
    }
}
