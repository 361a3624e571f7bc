package ddpm.data.fetch;

import ddpm.disk.ByteCount;
import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on a terminal, one plain line per file anywhere else. */
public final class TerminalProgress implements DownloadProgress {
    private static final int COLUMNS = 100;

    private final PrintStream out;
    private final boolean interactive;
    private ProgressBar bar;

    /**
     * @param out         usually System.err, so that standard output stays clean
     * @param interactive whether {@code out} is a terminal that a bar can be redrawn on
     */
    public TerminalProgress(PrintStream out, boolean interactive) {
        this.out = out;
        this.interactive = interactive;
    }

    @Override
    public void start(String file, String host, long done, long total) {
        if (!interactive) {
            out.println("downloading " + file + (total < 0 ? "" : " (" + ByteCount.text(total) + ")") + " from " + host
                    + (done > 0 ? ", resuming at " + ByteCount.text(done) : ""));
            return;
        }
        bar = new ProgressBarBuilder()
                .setTaskName(file)
                .setInitialMax(total)
                .startsFrom(done, Duration.ZERO)
                .setUnit(" MB", 1_000_000)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(out, COLUMNS))
                .build();
    }

    @Override
    public void at(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    @Override
    public void end() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
