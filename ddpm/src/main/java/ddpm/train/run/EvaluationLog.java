package ddpm.train.run;

import ddpm.disk.FileSink;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.List;

/** evaluations.jsonl: a {@link StepLog} of {@link EvaluationLine}s. */
final class EvaluationLog extends StepLog<EvaluationLine> {
    private static final Format<EvaluationLine> FORMAT =
            new Format<>(EvaluationLine::step, EvaluationLine::toJson, EvaluationLine::fromJson);

    private EvaluationLog(Path file, SeekableByteChannel channel, List<EvaluationLine> kept) {
        super(file, FORMAT, channel, kept);
    }

    /** As {@link MetricsLog#open(Path, long)}. */
    static EvaluationLog open(Path file, long step) throws IOException {
        Opened<EvaluationLine> opened = open(file, FORMAT, step, FileSink.DISK);
        return new EvaluationLog(file, opened.channel(), opened.kept());
    }

    /** As {@link MetricsLog#read(Path)}. */
    static List<EvaluationLine> read(Path file) throws IOException {
        return read(file, FORMAT);
    }
}
