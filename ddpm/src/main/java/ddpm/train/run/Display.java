package ddpm.train.run;

import ddpm.terminal.Progress;
import ddpm.train.Trainer;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * How a training shows where it stands.
 *
 * @param progress a bar, lines, or nothing
 */
public record Display(Progress progress) implements AutoCloseable {
    /** For steps {@code from} .. {@code steps}. */
    public static Display of(PrintWriter out, boolean quiet, long from, long steps) {
        return new Display(Progress.of(out, quiet, "step", from, steps));
    }

    /** After each step. */
    void step(Trainer.Result result, double meanLoss, double imagesPerSecond) {
        progress.at(
                result.step(),
                String.format(
                        Locale.ROOT,
                        imagesPerSecond < 9.95 ? "loss %.4f  %.1f images/s" : "loss %.4f  %.0f images/s",
                        meanLoss,
                        imagesPerSecond));
    }

    /** What the loss means, as long as it is shown. */
    void explain(String line) {
        progress.explain(line);
    }

    /** A line that stays. */
    void say(String line) {
        progress.say(line);
    }

    @Override
    public void close() {
        progress.close();
    }
}
