package ddpm.train;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How a training shows where it stands: a bar on a terminal, a line every few seconds elsewhere, or nothing. */
interface Display extends AutoCloseable {
    /** After each step. */
    void step(Trainer.Result result, double meanLoss, double imagesPerSecond);

    /** A line that stays. */
    void say(String line);

    @Override
    void close();

    static Display of(PrintWriter out, boolean quiet, boolean terminal, long from, long steps) {
        if (quiet) {
            return new Silent(out);
        }
        return terminal ? new Bar(out, from, steps) : new Lines(out, from, steps);
    }

    /** Warnings only. */
    record Silent(PrintWriter out) implements Display {
        @Override
        public void step(Trainer.Result result, double meanLoss, double imagesPerSecond) {
            // quiet
        }

        @Override
        public void say(String line) {
            // quiet
        }

        @Override
        public void close() {
            out.flush();
        }
    }

    /** A progress bar with loss, speed and the time that is left. */
    final class Bar implements Display {
        private final PrintWriter out;
        private final ProgressBar bar;

        Bar(PrintWriter out, long from, long steps) {
            this.out = out;
            this.bar = new ProgressBarBuilder()
                    .setTaskName("train")
                    .setInitialMax(steps)
                    .setUpdateIntervalMillis(200)
                    .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .startsFrom(from, Duration.ZERO)
                    .build();
        }

        @Override
        public void step(Trainer.Result r, double meanLoss, double imagesPerSecond) {
            bar.setExtraMessage(String.format(Locale.ROOT, "loss %.4f, %.0f images/s", meanLoss, imagesPerSecond));
            bar.stepTo(r.step());
        }

        @Override
        public void say(String line) {
            out.printf("\r\033[K%s%n", line);
            out.flush();
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** For logs and pipes. */
    final class Lines implements Display {
        private static final long INTERVAL_NANOS = 5_000_000_000L;

        private final PrintWriter out;
        private final long steps;
        private final long from;
        private final long began = System.nanoTime();
        private long last = began;

        Lines(PrintWriter out, long from, long steps) {
            this.out = out;
            this.from = from;
            this.steps = steps;
        }

        @Override
        public void step(Trainer.Result r, double meanLoss, double imagesPerSecond) {
            long now = System.nanoTime();
            if (now - last < INTERVAL_NANOS && r.step() < steps) {
                return;
            }
            last = now;
            double secondsPerStep = (now - began) / 1e9 / (r.step() - from);
            Duration left = Duration.ofSeconds(Math.round(secondsPerStep * (steps - r.step())));
            out.printf(
                    Locale.ROOT,
                    "step %,d/%,d  loss %.4f  %.0f images/s  %s left%n",
                    r.step(),
                    steps,
                    meanLoss,
                    imagesPerSecond,
                    Forecast.text(left));
            out.flush();
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
}
