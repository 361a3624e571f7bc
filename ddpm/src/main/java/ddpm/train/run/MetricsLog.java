package ddpm.train.run;

import ddpm.disk.FileSink;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.List;

/** metrics.jsonl: a {@link StepLog} of {@link Metrics}. */
public final class MetricsLog extends StepLog<Metrics> {
    private static final Format<Metrics> FORMAT = new Format<>(Metrics::step, Metrics::toJson, Metrics::fromJson);

    MetricsLog(Path file, SeekableByteChannel channel, List<Metrics> kept) {
        super(file, FORMAT, channel, kept);
    }

    /**
     * Opens the log to go on after {@code step}, and creates it where it is missing. Lines of greater steps are dropped.
     *
     * @param step the step of the checkpoint that the training continues from, 0 for a new one
     * @throws RunFolderException when the file cannot be read or written, or a line other than the last is damaged
     */
    public static MetricsLog open(Path file, long step) throws IOException {
        return open(file, step, FileSink.DISK);
    }

    static MetricsLog open(Path file, long step, FileSink sink) throws IOException {
        Opened<Metrics> opened = open(file, FORMAT, step, sink);
        return new MetricsLog(file, opened.channel(), opened.kept());
    }

    /**
     * The lines of a log, also of one that a training is writing to: a torn last line is left out.
     *
     * @throws RunFolderException when the file cannot be read or a line other than the last is damaged
     */
    public static List<Metrics> read(Path file) throws IOException {
        return read(file, FORMAT);
    }
}
