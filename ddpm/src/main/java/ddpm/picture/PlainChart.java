package ddpm.picture;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.DoubleStream;

/** A {@link LineChart} on white, without a letter, for machines that have no font. */
final class PlainChart {
    private static final int MARGIN = 24;
    private static final int[] FRAME = {160, 160, 160};
    private static final int[][] COLOURS = {{90, 140, 220}, {220, 90, 60}, {60, 160, 90}, {150, 90, 190}, {200, 160, 40}
    };

    private final int width;
    private final int height;
    private final boolean logAcross;
    private final byte[] pixels;
    private final DoubleSummaryStatistics across;
    private final DoubleSummaryStatistics up;

    /** @param lines with points that the axes have */
    PlainChart(int width, int height, boolean logAcross, List<LineChart.Line> lines) {
        this.width = width;
        this.height = height;
        this.logAcross = logAcross;
        this.pixels = new byte[width * height * 3];
        Arrays.fill(pixels, (byte) 255);
        this.across = lines.stream()
                .flatMapToDouble(line -> DoubleStream.of(line.x()))
                .map(this::along)
                .summaryStatistics();
        this.up = lines.stream()
                .flatMapToDouble(line -> DoubleStream.of(line.y()))
                .map(Math::log)
                .summaryStatistics();
        int right = width - MARGIN;
        int bottom = height - MARGIN;
        line(MARGIN, MARGIN, right, MARGIN, FRAME);
        line(MARGIN, bottom, right, bottom, FRAME);
        line(MARGIN, MARGIN, MARGIN, bottom, FRAME);
        line(right, MARGIN, right, bottom, FRAME);
        for (int i = 0; i < lines.size(); i++) {
            series(lines.get(i), COLOURS[i % COLOURS.length]);
        }
    }

    private void series(LineChart.Line line, int[] rgb) {
        for (int i = 0; i < line.x().length; i++) {
            int from = Math.max(0, i - 1); // a line of one point is that point
            line(column(line.x()[from]), row(line.y()[from]), column(line.x()[i]), row(line.y()[i]), rgb);
        }
    }

    private double along(double x) {
        return logAcross ? Math.log(x) : x;
    }

    private int column(double x) {
        return MARGIN + scaled(along(x), across, width);
    }

    private int row(double y) {
        return height - MARGIN - scaled(Math.log(y), up, height);
    }

    private static int scaled(double at, DoubleSummaryStatistics range, int side) {
        double all = range.getMax() - range.getMin();
        return all > 0 ? (int) Math.round((at - range.getMin()) / all * (side - 2 * MARGIN)) : 0;
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
