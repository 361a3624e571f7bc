package ddpm.evaluate.measure;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** How bright, how rich in contrast and how colourful an image is, which no distance of features says. */
public enum Tint {
    /** Mean of the values of an image. */
    BRIGHTNESS {
        @Override
        public double of(float[] image, int channels) {
            return mean(image);
        }
    },
    /** Standard deviation of the values of an image. */
    CONTRAST {
        @Override
        public double of(float[] image, int channels) {
            double mean = mean(image);
            double squares = 0;
            for (float v : image) {
                squares += (v - mean) * (v - mean);
            }
            return Math.sqrt(squares / image.length);
        }
    },
    /** How far the largest channel of a pixel is above the smallest, on average. */
    SATURATION {
        @Override
        public double of(float[] image, int channels) {
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
    };

    private static final double TAIL = 0.01;

    /** In the unit of the values. @param image [H,W,C] row-major */
    public abstract double of(float[] image, int channels);

    /** All of them for colour images, of grey ones those that they have. */
    public static List<Tint> of(int channels) {
        return channels == 1 ? List.of(BRIGHTNESS, CONTRAST) : List.of(values());
    }

    /** Of each image. */
    public double[] values(Rows images, int channels) {
        return IntStream.range(0, images.count())
                .mapToDouble(i -> of(images.row(i), channels))
                .toArray();
    }

    /**
     * Where 98 % of some images lie.
     *
     * @param low 1 % are below
     * @param high 1 % are above
     */
    public record Range(double low, double high) {
        public static Range of(double[] values) {
            double[] all = values.clone();
            Arrays.sort(all);
            return new Range(all[(int) (TAIL * (all.length - 1))], all[(int) Math.ceil((1 - TAIL) * (all.length - 1))]);
        }

        /** The share of values that lie outside. */
        public double outside(double[] values) {
            return Arrays.stream(values).filter(v -> v < low || v > high).count() / (double) values.length;
        }
    }

    private static double mean(float[] image) {
        double sum = 0;
        for (float v : image) {
            sum += v;
        }
        return sum / image.length;
    }

    /** In words. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
