package ddpm.train;

import ddpm.data.ImageGrid;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The loss over the steps of a run, as a picture: each logged line, and their running mean. */
final class LossChart {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 360;
    /** Lines the running mean goes back over, weighted exponentially. */
    private static final double MEMORY = 20;

    private LossChart() {}

    /** Writes a PNG, atomically. @param metrics at least one line */
    static void write(Path file, List<Metrics> metrics) {
        double[] steps = metrics.stream().mapToDouble(Metrics::step).toArray();
        double[] losses = metrics.stream().mapToDouble(Metrics::loss).toArray();
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle("step")
                .yAxisTitle("mean squared error of eps")
                .build();
        chart.getStyler().setYAxisLogarithmic(true);
        chart.addSeries("logged", steps, losses).setMarker(SeriesMarkers.NONE);
        chart.addSeries("running mean", steps, runningMean(losses)).setMarker(SeriesMarkers.NONE);
        ImageGrid.write(file, BitmapEncoder.getBufferedImage(chart));
    }

    /** Exponentially weighted, and divided by the weights so far: no bias towards the first value. */
    static double[] runningMean(double[] values) {
        double keep = 1 - 1 / MEMORY;
        double[] out = new double[values.length];
        double sum = 0;
        double weights = 0;
        for (int i = 0; i < values.length; i++) {
            sum = keep * sum + values[i];
            weights = keep * weights + 1;
            out[i] = sum / weights;
        }
        return out;
    }
}
