package ddpm.train;

import java.util.Locale;
import java.util.Optional;

/**
 * What a training says about its time while it runs: the forecast's time where the forecast has none, from the second
 * call of the trainer, and one correction where the steps turn out to take another time than was said.
 */
final class Outlook {
    /** Steps before those that are timed: the virtual machine compiles in the first ones. */
    private static final int UNTIMED = 50;

    private static final int TIMED = 50;

    /** What is said again. */
    private static final double WRONG = 1.2;

    private final RunConfig config;
    private final long total;
    private Forecast said;
    private boolean corrected;
    private int calls;
    private long steps;
    private long timedSteps;
    private double timedSeconds;

    /** @param forecast what was said before the first step @param total the last step's number */
    Outlook(Forecast forecast, RunConfig config, long total) {
        this.said = forecast;
        this.config = config;
        this.total = total;
    }

    /** A line to print after {@code count} steps at once, if there is one. @param step done so far, of all runs */
    Optional<String> after(long step, int count, double seconds) {
        calls++;
        if (steps >= UNTIMED) {
            timedSteps += count;
            timedSeconds += seconds;
        }
        steps += count;
        if (!said.timed() && calls == 2) {
            said = said.withSecondsPerStep(seconds / count, config.sample());
            return Optional.of(said.describeTime());
        }
        if (!corrected && said.timed() && timedSteps >= TIMED && step < total) {
            corrected = true;
            return correction(step, timedSeconds / timedSteps);
        }
        return Optional.empty();
    }

    private Optional<String> correction(long step, double secondsPerStep) {
        double ratio = secondsPerStep / said.secondsPerStep();
        if (ratio < WRONG && ratio > 1 / WRONG) {
            return Optional.empty();
        }
        Forecast left = said.left(total - step, Forecast.previews(config.train(), step, total))
                .withSecondsPerStep(secondsPerStep, config.sample());
        return Optional.of(
                String.format(Locale.ROOT, "%s left, by the last %,d steps", left.describeTime(), timedSteps));
    }
}
