package ddpm.picture;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Lines on white, without a letter, for machines that have no font; the y axis is logarithmic. */
final class PlainChart {
    private static final int MARGIN = 24;
    private static final int[] FRAME = {160, 160, 160};

    private final int width;
    private final int height;
    private final byte[] pixels;
    private final double[] x;
    private final double[] yRange;

    /** @param x increasing, one value per point of every series; @param all values that must fit, above 0 */
    PlainChart(int width, int height, double[] x, double[]... all) {
        this.width = width;
        this.height = height;
        this.x = x;
        this.pixels = new byte[width * height * 3];
        Arrays.fill(pixels, (byte) 255);
        double[] logs = Arrays.stream(all)
                .flatMapToDouble(Arrays::stream)
                .map(PlainChart::log)
                .toArray();
        this.yRange = new double[] {
            DoubleStream.of(logs).min().orElseThrow(),
            DoubleStream.of(logs).max().orElseThrow()
        };
        int right = width - MARGIN;
        int bottom = height - MARGIN;
        line(MARGIN, MARGIN, right, MARGIN, FRAME);
        line(MARGIN, bottom, right, bottom, FRAME);
        line(MARGIN, MARGIN, MARGIN, bottom, FRAME);
        line(right, MARGIN, right, bottom, FRAME);
    }

    private static double log(double y) {
        return Math.log(Math.max(y, Double.MIN_NORMAL));
    }

    /** @param rgb 0..255 each */
    PlainChart series(double[] y, int... rgb) {
        for (int i = 1; i < x.length; i++) {
            line(column(x[i - 1]), row(y[i - 1]), column(x[i]), row(y[i]), rgb);
        }
        return this;
    }

    private int column(double at) {
        return MARGIN + scaled(at - x[0], x[x.length - 1] - x[0], width);
    }

    private int row(double y) {
        return height - MARGIN - scaled(log(y) - yRange[0], yRange[1] - yRange[0], height);
    }

    private static int scaled(double part, double range, int side) {
        return range > 0 ? (int) Math.round(part / range * (side - 2 * MARGIN)) : 0;
    }

    private void line(int x0, int y0, int x1, int y1, int[] rgb) {
        int steps = Math.max(1, Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)));
        for (int i = 0; i <= steps; i++) {
            int column = Math.round(x0 + (x1 - x0) * (float) i / steps);
            int row = Math.round(y0 + (y1 - y0) * (float) i / steps);
            for (int k = 0; k < 3; k++) {
                pixels[(row * width + column) * 3 + k] = (byte) rgb[k];
            }
        }
    }

    /** [H,W,3], as {@link ImageGrid} takes it. */
    byte[] pixels() {
        return pixels;
    }
}
