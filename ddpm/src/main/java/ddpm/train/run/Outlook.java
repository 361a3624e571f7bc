package ddpm.train.run;

import ddpm.train.settings.RunConfig;
import java.util.Locale;
import java.util.Optional;

/**
 * What a training says about its time while it runs: the forecast's time where the forecast has none, as soon as a few
 * steps tell it, and the time that is left whenever it turns out to be another than was said. It looks after 15 seconds,
 * after a minute, and then after twice the time again.
 */
final class Outlook {
    /** What long steps tell within this is worth to be said; two of them, at least. */
    private static final double SOON_SECONDS = 5;

    /** Long enough that it hardly matters how fast the virtual machine's part of a step is. */
    private static final double LONG_STEP = 1;

    /** Short ones are waited for until they become no faster, though not for longer than so many seconds. */
    private static final double PATIENCE_SECONDS = 45;

    private static final double FIRST_LOOK_SECONDS = 15;
    private static final double SECOND_LOOK_SECONDS = 60;

    /** What is said again. */
    private static final double WRONG = 1.1;

    private final RunConfig config;
    private final long total;
    private final StepTimes times = new StepTimes();
    private Forecast said;
    private double nextLook = FIRST_LOOK_SECONDS;
    private double preview = Double.NaN; // seconds of the last one
    private double save; // seconds of the last one

    /** @param forecast what was said before the first step @param total the last step's number */
    Outlook(Forecast forecast, RunConfig config, long total) {
        this.said = forecast;
        this.config = config;
        this.total = total;
    }

    /** How long a preview took. */
    void previewed(double seconds) {
        preview = seconds;
    }

    /** How long a checkpoint took. */
    void saved(double seconds) {
        save = seconds;
    }

    /** A line to print after {@code count} steps at once, if there is one. @param step done so far, of all runs */
    Optional<String> after(long step, int count, double seconds) {
        times.add(count, seconds);
        if (!said.timed()) {
            return times.steps() >= 2 && (tells() || step >= total - 1) ? Optional.of(completed()) : Optional.empty();
        }
        if (times.seconds() < nextLook || step >= total) {
            return Optional.empty();
        }
        while (nextLook <= times.seconds()) {
            nextLook = nextLook < SECOND_LOOK_SECONDS ? SECOND_LOOK_SECONDS : 2 * nextLook;
        }
        return correction(step);
    }

    private boolean tells() {
        return times.seconds() >= SOON_SECONDS
                && (times.perStep() >= LONG_STEP || times.settled() || times.seconds() >= PATIENCE_SECONDS);
    }

    private String completed() {
        said = now(said);
        return said.describeTime();
    }

    private Optional<String> correction(long step) {
        Forecast before = said.left(total - step, Forecast.previews(config.train(), step, total));
        Forecast now = now(before);
        double ratio = now.seconds() / before.seconds();
        if (ratio < WRONG && ratio > 1 / WRONG) {
            return Optional.empty();
        }
        said = now;
        return Optional.of(String.format(Locale.ROOT, "%s left, by the steps so far", now.describeTime()));
    }

    /** For as many steps and previews, by what was measured. */
    private Forecast now(Forecast left) {
        double perStep = times.perStep() + save / config.train().saveEvery();
        Forecast now = left.withSecondsPerStep(perStep, config.sample());
        return Double.isNaN(preview) ? now : now.withSecondsPerPreview(preview);
    }
}
