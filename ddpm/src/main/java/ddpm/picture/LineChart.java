package ddpm.picture;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Lines over one axis, each with a name; upwards the axis is logarithmic. Points that such an axis does not have (not finite, 0 or
 * below) are left out.
 *
 * @param across what the axis to the right says   @param up what the one upwards says
 * @param logAcross whether the one to the right is logarithmic too
 * @param lines one or more; together they hold a point at least
 */
public record LineChart(String across, String up, boolean logAcross, List<Line> lines) {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 360;

    /** @param x increasing   @param y as many */
    public record Line(String name, double[] x, double[] y) {
        public Line {
            if (x.length != y.length) {
                throw new IllegalArgumentException(
                        "line " + name + ": " + x.length + " places and " + y.length + " values, must be as many");
            }
        }

        private Line where(boolean logAcross) {
            int[] kept = IntStream.range(0, x.length)
                    .filter(i ->
                            Double.isFinite(y[i]) && y[i] > 0 && Double.isFinite(x[i]) && !(logAcross && x[i] <= 0))
                    .toArray();
            return new Line(
                    name,
                    Arrays.stream(kept).mapToDouble(i -> x[i]).toArray(),
                    Arrays.stream(kept).mapToDouble(i -> y[i]).toArray());
        }
    }

    /** @param picture [{@value #HEIGHT},{@value #WIDTH}]   @param textless why it has no text, for the user, where it has none */
    public record Chart(BufferedImage picture, Optional<String> textless) {}

    public LineChart {
        boolean log = logAcross;
        lines = lines.stream()
                .map(line -> line.where(log))
                .filter(line -> line.x().length > 0)
                .toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("chart of " + up + ": no line has a point");
        }
    }

    /** The chart; without text where the machine has no font. @throws Pictures.UnavailableException where it cannot draw at all */
    public Chart draw() {
        try {
            return new Chart(Pictures.draw(this::withText), Optional.empty());
        } catch (Pictures.UnavailableException e) {
            byte[][] plain = {new PlainChart(WIDTH, HEIGHT, logAcross, lines).pixels()};
            return new Chart(
                    Pictures.draw(() -> ImageGrid.grid(plain, HEIGHT, WIDTH, 3, 1, 0, 1)), Optional.of(e.getMessage()));
        }
    }

    private BufferedImage withText() {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle(across)
                .yAxisTitle(up)
                .build();
        chart.getStyler().setLocale(Locale.ROOT);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setXAxisLogarithmic(logAcross);
        for (Line line : lines) {
            chart.addSeries(line.name(), line.x(), line.y())
                    .setMarker(line.x().length == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }
}
