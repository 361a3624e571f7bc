package ddpm.picture;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The loss over the steps of a run, as a picture: each logged line, and their running mean. */
public final class LossChart {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 360;
    /** Lines the running mean goes back over, weighted exponentially. */
    private static final double MEMORY = 20;

    private static final int[] LOGGED = {90, 140, 220};
    private static final int[] MEAN = {220, 90, 60};

    private LossChart() {}

    /**
     * Writes a PNG, atomically; without text where the machine has no font.
     *
     * @param steps at least one
     * @param losses at these steps
     * @return why there is no text, for the user
     * @throws Pictures.UnavailableException where this Java cannot write pictures at all
     */
    public static Optional<String> write(Path file, double[] steps, double[] losses) {
        double[] means = runningMean(losses);
        try {
            BufferedImage chart = Pictures.draw(() -> withText(steps, losses, means));
            ImageGrid.write(file, chart);
            return Optional.empty();
        } catch (Pictures.UnavailableException e) {
            byte[][] plain = {
                new PlainChart(WIDTH, HEIGHT, steps, losses, means)
                        .series(losses, LOGGED)
                        .series(means, MEAN)
                        .pixels()
            };
            ImageGrid.write(file, Pictures.draw(() -> ImageGrid.grid(plain, HEIGHT, WIDTH, 3, 1, 0, 1)));
            return Optional.of(file.getFileName() + " has no text: " + e.getMessage());
        }
    }

    private static BufferedImage withText(double[] steps, double[] losses, double[] means) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle("step")
                .yAxisTitle("mean squared error of eps")
                .build();
        chart.getStyler().setLocale(Locale.ROOT);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.addSeries("logged", steps, losses).setMarker(SeriesMarkers.NONE);
        chart.addSeries("running mean", steps, means).setMarker(SeriesMarkers.NONE);
        return BitmapEncoder.getBufferedImage(chart);
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
