package ddpm.terminal;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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
    private final List<Mark> marks = new ArrayList<>();
    private long last;

    /** How much was done when. */
    private record Mark(long nanos, long done) {}

    /** @param clock of nanoseconds, as {@link System#nanoTime} */
    Lines(PrintWriter out, String unit, long from, long total, LongSupplier clock) {
        this.out = out;
        this.unit = unit;
        this.from = from;
        this.total = total;
        this.clock = clock;
        this.began = clock.getAsLong();
        this.last = began;
        marks.add(new Mark(began, from));
    }

    @Override
    public void at(long done, String remark) {
        long now = clock.getAsLong();
        if (done <= from || now - last < INTERVAL_NANOS && done < total) {
            return;
        }
        last = now;
        String time = done < total
                ? Durations.text(secondsEach(now, done) * (total - done)) + " left"
                : "in " + Durations.text((now - began) / 1e9);
        say(String.format(Locale.ROOT, "%s %,d/%,d", unit, done, total)
                + (remark.isEmpty() ? "" : "  " + remark)
                + "  "
                + time);
    }

    /** By the later half of what is done: the beginning may have been slow. */
    private double secondsEach(long now, long done) {
        marks.add(new Mark(now, done));
        int half = 0;
        while (marks.get(half + 1).done - from <= (done - from) / 2) {
            half++;
        }
        Mark then = marks.get(half);
        return (now - then.nanos) / 1e9 / (done - then.done);
    }

    @Override
    public void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public void explain(String line) {
        say(line);
    }

    @Override
    public void close() {
        out.flush();
    }
}
