package ddpm.data;

/**
 * Second moments of images as a model sees them, -1 .. 1: what a formula needs to guess without any shape.
 *
 * @param square mean square of all values
 * @param variance mean square of a value's distance from its mean over the images, averaged over the values
 */
public record PixelMoments(double square, double variance) {
    /** Bytes that are enough: of more images, so many are looked at, evenly spaced. */
    private static final long ENOUGH = 64 << 20;

    /** Even of large images so many. */
    private static final int AT_LEAST = 256;

    /** @param flip whether a random half is shown mirrored, left to right */
    public static PixelMoments of(ImageSet set, boolean flip) {
        int length = set.length();
        int count = (int) Math.min(set.count(), Math.max(AT_LEAST, ENOUGH / length));
        double[] sums = new double[length];
        double squares = 0;
        byte[] image = new byte[length];
        for (int i = 0; i < count; i++) {
            set.pixels().copy((int) ((long) i * set.count() / count), image, 0);
            for (int k = 0; k < length; k++) {
                double value = (image[k] & 255) / 127.5 - 1;
                sums[k] += value;
                squares += value * value;
            }
        }
        double means = 0;
        for (int k = 0; k < length; k++) {
            double mean = sums[k] / count;
            if (flip) {
                mean = (mean + sums[mirrored(k, set)] / count) / 2;
            }
            means += mean * mean;
        }
        double square = squares / count / length;
        return new PixelMoments(square, Math.max(0, square - means / length));
    }

    /** Where the value of place k, of [H,W,C], stands in the mirrored image. */
    private static int mirrored(int k, ImageSet set) {
        int c = set.channels();
        int x = k / c % set.width();
        return k + (set.width() - 1 - 2 * x) * c;
    }
}
