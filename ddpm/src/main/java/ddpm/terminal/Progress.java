package ddpm.terminal;

import java.io.PrintWriter;

/** How far something has come: a bar on a terminal, a line every few seconds elsewhere, or nothing. */
public interface Progress extends AutoCloseable {
    /**
     * So much is done.
     *
     * @param done from the {@code from} it began at up to the {@code total}
     * @param remark what else to show now, such as {@code loss 0.0312}; may be empty
     */
    void at(long done, String remark);

    /** A line that stays. */
    void say(String line);

    /** What the remarks mean: a line below the bar, or one that stays. */
    void explain(String line);

    @Override
    void close();

    /**
     * The one that fits where the program runs.
     *
     * @param out takes the lines; the bar itself goes to standard error
     * @param unit what is counted, such as {@code step}
     * @param from what is done already
     * @param total where it ends
     */
    static Progress of(PrintWriter out, boolean quiet, String unit, long from, long total) {
        if (quiet) {
            return new Silent();
        }
        return Terminal.isInteractive()
                ? new Bar(out, System.err, unit, from, total)
                : new Lines(out, unit, from, total, System::nanoTime);
    }

    /** Nothing at all. */
    record Silent() implements Progress {
        @Override
        public void at(long done, String remark) {
            // quiet
        }

        @Override
        public void say(String line) {
            // quiet
        }

        @Override
        public void explain(String line) {
            // quiet
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
