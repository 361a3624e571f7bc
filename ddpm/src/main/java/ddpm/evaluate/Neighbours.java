package ddpm.evaluate;

import ddpm.evaluate.measure.Nearest;
import ddpm.evaluate.measure.Products;
import ddpm.evaluate.measure.Rows;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The training image that each image is most like, pixel by pixel.
 *
 * @param nearest its place among all training images
 * @param distance of the two, as the root mean square of their pixels' differences, 0 .. 255
 * @param ratio of that distance to the one of the image's {@value #NEIGHBOURS}th nearest: near 0 for a copy, near 1 for an
 *     image that is as far from one training image as from others
 */
record Neighbours(int[] nearest, double[] distance, double[] ratio) {
    /** Below this ratio an image is a copy. */
    static final double COPY = 1.0 / 3;

    private static final int NEIGHBOURS = 50; // as Carlini et al. 2023, section 5

    /** @param left the training image that an image is itself; -1 for none */
    static Neighbours of(Products products, Rows images, Rows training, IntUnaryOperator left) {
        int k = Math.max(1, Math.min(NEIGHBOURS, training.count() / 4));
        Nearest near = Nearest.of(products, images, training, k, left);
        double perPixel = 1 / Math.sqrt(images.dim());
        double[] first = near.distances(1);
        double[] last = near.distances(k);
        double[] ratio = new double[first.length];
        for (int i = 0; i < ratio.length; i++) {
            ratio[i] = last[i] == 0 ? 0 : first[i] / last[i];
            first[i] *= perPixel;
        }
        return new Neighbours(near.first(), first, ratio);
    }

    /** The share of images that are copies. */
    double copies() {
        return Arrays.stream(ratio).filter(r -> r < COPY).count() / (double) ratio.length;
    }

    double medianDistance() {
        double[] sorted = distance.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** The images from the one most like a copy on. */
    int[] mostLikeCopies() {
        return IntStream.range(0, ratio.length)
                .boxed()
                .sorted((a, b) -> Double.compare(ratio[a], ratio[b]))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
