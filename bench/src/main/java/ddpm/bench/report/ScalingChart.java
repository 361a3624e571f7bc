package ddpm.bench.report;

import ddpm.picture.ImageGrid;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** One series of a scaling run as a picture: seconds of a training step on the left, peak memory on the right. */
final class ScalingChart {
    private static final int WIDTH = 440;
    private static final int HEIGHT = 320;

    private ScalingChart() {}

    /** Writes a PNG. */
    static void write(Path file, Scaling.Series series) {
        BufferedImage time = chart(series, "training step, s", Scaling::seconds);
        BufferedImage memory = chart(series, "peak memory, MB", Steps::peakMegabytes);
        BufferedImage both = new BufferedImage(2 * WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = both.createGraphics();
        graphics.drawImage(time, 0, 0, null);
        graphics.drawImage(memory, WIDTH, 0, null);
        graphics.dispose();
        ImageGrid.write(file, both);
    }

    private static BufferedImage chart(Scaling.Series series, String what, ToDoubleFunction<Steps> value) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle(series.title())
                .yAxisTitle(what)
                .build();
        chart.getStyler().setLocale(Locale.ROOT);
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
        for (String variant : series.variants()) {
            List<Scaling.Point> points = series.points().stream()
                    .filter(p -> p.steps().containsKey(variant))
                    .toList();
            double[] x = points.stream().mapToDouble(Scaling.Point::x).toArray();
            double[] y = points.stream()
                    .mapToDouble(p -> value.applyAsDouble(p.steps().get(variant)))
                    .toArray();
            chart.addSeries(variant, x, y);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }
}
