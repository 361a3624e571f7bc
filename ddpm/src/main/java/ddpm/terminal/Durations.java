package ddpm.terminal;

import java.time.Duration;

/** Lengths of time in words. */
public final class Durations {
    private Durations() {}

    /** Such as {@code 9 min 30 s}, with two units at most; what is shorter than a second counts as one. */
    public static String text(Duration d) {
        if (d.toHours() > 0) {
            return d.toHours() + " h " + d.toMinutesPart() + " min";
        }
        if (d.toMinutes() > 0) {
            return d.toMinutes() + " min " + d.toSecondsPart() + " s";
        }
        return Math.max(1, d.toSeconds()) + " s";
    }

    /** As {@link #text(Duration)}. */
    public static String text(double seconds) {
        return text(Duration.ofMillis(Math.round(1000 * seconds)));
    }
}
