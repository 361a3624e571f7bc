package ddpm.terminal;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar with the remark and the time that is left; lines that stay appear above it, what explains the remark below. */
final class Bar implements Progress {
    private static final int REDRAW_MILLIS = 200;

    private final Screen screen;
    private final ProgressBar bar;

    /** @param bar where the bar is drawn; its terminal is also that of {@code out} */
    Bar(PrintWriter out, PrintStream bar, String unit, long from, long total) {
        this.screen = new Screen(out, bar);
        this.bar = new ProgressBarBuilder()
                .setTaskName(unit)
                .setInitialMax(total)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                .setStyle(drawsBlocks() ? ProgressBarStyle.COLORFUL_UNICODE_BLOCK : ProgressBarStyle.ASCII)
                .setConsumer(screen)
                .startsFrom(from, Duration.ZERO)
                .build();
    }

    private static boolean drawsBlocks() {
        String charset = System.getProperty(
                "stderr.encoding",
                System.getProperty("native.encoding", Charset.defaultCharset().name()));
        return charset.equalsIgnoreCase("UTF-8");
    }

    @Override
    public void at(long done, String remark) {
        bar.setExtraMessage(remark.isEmpty() ? "" : " " + remark);
        bar.stepTo(done);
    }

    @Override
    public void say(String line) {
        screen.say(line);
    }

    @Override
    public void explain(String line) {
        screen.explain(line);
    }

    @Override
    public void close() {
        bar.close();
    }

    /** The bar is redrawn by a thread of its own: without the lock it would come to stand in the middle of a line. */
    private static final class Screen extends ConsoleProgressBarConsumer {
        private static final String CLEAR_LINE = "\r\033[K";
        private static final String BACK_UP = "\033[A\r";

        private final PrintWriter lines;
        private final PrintStream stream;
        private String drawn = "";
        private String below = "";

        Screen(PrintWriter lines, PrintStream stream) {
            super(stream);
            this.lines = lines;
            this.stream = stream;
        }

        @Override
        public synchronized void accept(String bar) {
            drawn = bar;
            super.accept(bar);
            under(below);
        }

        /** Writes into the line below the bar, and goes back: at the bottom of the screen that moves the bar up by a line. */
        private void under(String text) {
            if (!below.isEmpty() && !drawn.isEmpty()) {
                String fits = text.substring(0, Math.min(text.length(), getMaxRenderedLength()));
                stream.print("\n" + CLEAR_LINE + fits + BACK_UP);
                stream.flush();
            }
        }

        synchronized void say(String line) {
            under("");
            stream.print(CLEAR_LINE);
            stream.flush();
            lines.println(line);
            lines.flush();
            if (!drawn.isEmpty()) {
                accept(drawn);
            }
        }

        synchronized void explain(String line) {
            below = line;
            if (!drawn.isEmpty()) {
                accept(drawn);
            }
        }

        @Override
        public synchronized void close() {
            under("");
            super.close();
        }
    }
}
