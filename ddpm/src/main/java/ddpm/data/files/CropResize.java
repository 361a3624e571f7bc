package ddpm.data.files;

import ddpm.config.ImageSize;
import ddpm.data.Pixels;

/**
 * Centre crop to the wanted aspect ratio, then resize.
 *
 * <p>Along each axis on its own: shrinking takes the mean over the exact area that a new pixel covers (no aliasing,
 * fractional edges weighted), enlarging interpolates linearly between pixel centres.
 */
public final class CropResize {
    private final int[] first; // source index of the first tap of each new pixel
    private final float[][] weights; // taps of each new pixel, summing to 1

    private CropResize(int from, int crop, int to) {
        first = new int[to];
        weights = new float[to][];
        int start = (from - crop) / 2;
        double scale = (double) crop / to;
        for (int i = 0; i < to; i++) {
            if (scale > 1) {
                cover(i, start, crop, scale);
            } else {
                interpolate(i, start, crop, scale);
            }
        }
    }

    /** The image, cropped around its centre and resized to {@code size}; itself where it has that size already. */
    public static Pixels fit(Pixels image, ImageSize size) {
        int h = image.height();
        int w = image.width();
        if (size == null || h == size.height() && w == size.width()) {
            return image;
        }
        // the largest centred rectangle with the new aspect; long, since 65535 * 4096 passes an int
        int cropW = (int) Math.max(1, Math.min(w, Math.round((double) h * size.width() / size.height())));
        int cropH = (int) Math.max(1, Math.min(h, Math.round((double) w * size.height() / size.width())));
        CropResize rows = new CropResize(h, cropH, size.height());
        CropResize columns = new CropResize(w, cropW, size.width());
        int c = image.channels();
        float[] narrow = columns.alongRows(image, rows);
        byte[] out = new byte[size.height() * size.width() * c];
        rows.alongColumns(narrow, size.width() * c, out);
        return new Pixels(size.height(), size.width(), c, out);
    }

    private void cover(int i, int start, int crop, double scale) {
        double lo = i * scale;
        double hi = Math.min(crop, (i + 1) * scale);
        int from = (int) lo;
        int to = Math.min(crop, (int) Math.ceil(hi));
        float[] taps = new float[to - from];
        for (int s = from; s < to; s++) {
            taps[s - from] = (float) ((Math.min(s + 1, hi) - Math.max(s, lo)) / (hi - lo));
        }
        first[i] = start + from;
        weights[i] = taps;
    }

    private void interpolate(int i, int start, int crop, double scale) {
        double centre = Math.max(0, Math.min(crop - 1, (i + 0.5) * scale - 0.5));
        int left = Math.min((int) centre, Math.max(0, crop - 2));
        float right = (float) (centre - left);
        first[i] = start + left;
        weights[i] = crop == 1 ? new float[] {1} : new float[] {1 - right, right};
    }

    /** [H,W,C] to [H,newW,C], only the rows that {@code rows} will read. */
    private float[] alongRows(Pixels image, CropResize rows) {
        int c = image.channels();
        float[] out = new float[image.height() * first.length * c];
        int last = rows.first[rows.first.length - 1] + rows.weights[rows.weights.length - 1].length;
        for (int y = rows.first[0]; y < last; y++) {
            for (int x = 0; x < first.length; x++) {
                for (int k = 0; k < c; k++) {
                    float sum = 0;
                    for (int t = 0; t < weights[x].length; t++) {
                        sum += weights[x][t] * (image.data()[(y * image.width() + first[x] + t) * c + k] & 255);
                    }
                    out[(y * first.length + x) * c + k] = sum;
                }
            }
        }
        return out;
    }

    private void alongColumns(float[] in, int rowLength, byte[] out) {
        for (int y = 0; y < first.length; y++) {
            for (int x = 0; x < rowLength; x++) {
                float sum = 0;
                for (int t = 0; t < weights[y].length; t++) {
                    sum += weights[y][t] * in[(first[y] + t) * rowLength + x];
                }
                out[y * rowLength + x] = (byte) Math.max(0, Math.min(255, Math.round(sum)));
            }
        }
    }
}
