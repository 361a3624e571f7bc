package ddpm.picture;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The loss over the steps of a run, as a picture: each logged line, and their running mean. */
public final class LossChart {
    /** Lines the running mean goes back over, weighted exponentially. */
    public static final double MEMORY = 20;

    private LossChart() {}

    /**
     * Writes a PNG, atomically; without text where the machine has no font.
     *
     * @param steps at least one
     * @param losses at these steps, one of them a number above 0
     * @return why there is no text, for the user
     * @throws Pictures.UnavailableException where this Java cannot write pictures at all
     */
    public static Optional<String> write(Path file, double[] steps, double[] losses) {
        LineChart.Chart chart = new LineChart(
                        "step",
                        "mean squared error of eps",
                        false,
                        List.of(
                                new LineChart.Line("logged", steps, losses),
                                new LineChart.Line("running mean", steps, runningMean(losses))))
                .draw();
        ImageGrid.write(file, chart.picture());
        return chart.textless().map(why -> file.getFileName() + " has no text: " + why);
    }

    /** The {@link RunningMean} up to each. */
    public static double[] runningMean(double[] values) {
        RunningMean mean = new RunningMean(MEMORY);
        return Arrays.stream(values).map(mean::add).toArray();
    }
}
