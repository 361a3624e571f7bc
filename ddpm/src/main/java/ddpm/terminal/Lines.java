package ddpm.terminal;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** For logs and pipes: a line every few seconds, and one at the end. */
final class Lines implements Progress {
    private static final long INTERVAL_NANOS = 5_000_000_000L;

    private final PrintWriter out;
    private final String unit;
    private final long from;
    private final long total;
    private final LongSupplier clock;
    private final long began;
    private long last;

    /** @param clock of nanoseconds, as {@link System#nanoTime} */
    Lines(PrintWriter out, String unit, long from, long total, LongSupplier clock) {
        this.out = out;
        this.unit = unit;
        this.from = from;
        this.total = total;
        this.clock = clock;
        this.began = clock.getAsLong();
        this.last = began;
    }

    @Override
    public void at(long done, String remark) {
        long now = clock.getAsLong();
        if (done <= from || now - last < INTERVAL_NANOS && done < total) {
            return;
        }
        last = now;
        double seconds = (now - began) / 1e9;
        String time = done < total
                ? Durations.text(seconds / (done - from) * (total - done)) + " left"
                : "in " + Durations.text(seconds);
        say(String.format(Locale.ROOT, "%s %,d/%,d", unit, done, total)
                + (remark.isEmpty() ? "" : "  " + remark)
                + "  "
                + time);
    }

    @Override
    public void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public void close() {
        out.flush();
    }
}
