package ddpm.train.run;

import ddpm.evaluate.QuickJudge;
import ddpm.evaluate.QuickJudge.Finding;
import ddpm.picture.Drawn;
import ddpm.train.Trainer;
import ddpm.train.checkpoint.CheckpointStore;
import ddpm.train.settings.TrainConfig;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * The evaluations of a training on the way: when one is due, which step was the best, and whether there is a plateau. What
 * they found is in evaluations.jsonl, from which a resumed run counts on.
 */
final class Evaluations implements Closeable {
    private final TrainConfig config;
    private final long totalSteps;
    private final CheckpointStore checkpoints;
    private final Judging judging; // null for no evaluations
    private final EvaluationLog log; // null for no evaluations
    private EvaluationLine best; // null before the first
    private long last; // step of the last one; 0 before the first
    private int sinceBest;

    /**
     * What judges images.
     *
     * @param images to draw for an evaluation
     * @param real what as many real images get
     * @param finds what drawn images get
     */
    record Judging(int images, Finding real, Function<Drawn, Finding> finds) {
        static Judging by(QuickJudge judge) {
            return new Judging(judge.count(), judge.real(), judge::of);
        }
    }

    private Evaluations(Trainer trainer, CheckpointStore checkpoints, Judging judging, EvaluationLog log) {
        this.config = trainer.config().train();
        this.totalSteps = trainer.totalSteps();
        this.checkpoints = checkpoints;
        this.judging = judging;
        this.log = log;
    }

    /**
     * Goes on after the trainer's step: what was found later is dropped.
     *
     * @param judging null for none
     * @throws RunFolderException when evaluations.jsonl cannot be read or written
     */
    static Evaluations open(Trainer trainer, RunFolder folder, Judging judging) throws IOException {
        CheckpointStore checkpoints = new CheckpointStore(folder.path());
        if (judging == null && !Files.exists(folder.evaluations())) {
            return new Evaluations(trainer, checkpoints, null, null);
        }
        EvaluationLog log = EvaluationLog.open(folder.evaluations(), trainer.step());
        Evaluations evaluations = new Evaluations(trainer, checkpoints, judging, log);
        log.kept().forEach(evaluations::count);
        evaluations.markAgain();
        return evaluations;
    }

    /** A kill may have come between a line and its mark. */
    private void markAgain() throws IOException {
        if (best != null && checkpoints.of(best.step()).isPresent()) {
            Optional<Path> marked = checkpoints.best();
            if (!marked.equals(checkpoints.of(best.step()))) {
                checkpoints.markBest(best.step());
            }
        }
    }

    /** Takes a line into account. @return whether it is the best */
    private boolean count(EvaluationLine line) {
        last = line.step();
        if (judging != null && line.images() != judging.images()) {
            return false; // the distance depends on how many there are
        }
        // compare: a distance that is no number is worse than all others
        if (best == null || Double.compare(line.distance(), best.distance()) < 0) {
            best = line;
            sinceBest = 0;
            return true;
        }
        sinceBest++;
        return false;
    }

    /** Whether there is one of these steps still to make. */
    boolean due(long step) {
        return judging != null && step > last && (step == totalSteps || step % config.evaluateEvery() == 0);
    }

    /** Steps from {@code step} to the next one after which it is due. */
    long untilDue(long step) {
        return judging == null ? Long.MAX_VALUE : config.evaluateEvery() - step % config.evaluateEvery();
    }

    /** Images to draw for one. */
    int images() {
        return judging.images();
    }

    /** What drawn images get; to be kept by {@link #keep}. */
    EvaluationLine judge(long step, Drawn drawn) {
        return new EvaluationLine(step, judging.images(), judging.finds().apply(drawn), judging.real());
    }

    /**
     * Writes it down.
     *
     * @return whether it is the best so far: its checkpoint is then to be saved and marked
     * @throws RunFolderException when it cannot be written
     */
    boolean keep(EvaluationLine line) throws IOException {
        log.append(line);
        return count(line);
    }

    /** Whether so many in a row were no better that the training is to end. */
    boolean plateau() {
        return judging != null && config.plateau() && sinceBest >= config.patience();
    }

    /** A line for the user. @param line the last that was kept */
    String describe(EvaluationLine line) {
        return String.format(
                Locale.ROOT,
                "step %,d: Frechet distance %s, real images %s, %s",
                line.step(),
                number(line.distance()),
                number(line.real().frechet()),
                line.equals(best)
                        ? "best so far"
                        : String.format(Locale.ROOT, "best %s at step %,d", number(best.distance()), best.step()));
    }

    /** Why the training ends before its last step, where it does, and which checkpoint is the best, where one is. */
    List<String> describeEnd() throws IOException {
        List<String> lines = new ArrayList<>();
        if (plateau()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "plateau: %d evaluations found no smaller Frechet distance than that of step %,d; the training ends",
                    sinceBest,
                    best.step()));
        }
        if (best != null && checkpoints.best().isPresent()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "best of the evaluations: step %,d, Frechet distance %s, in %s",
                    best.step(),
                    number(best.distance()),
                    checkpoints.best().get().resolveSibling("best")));
        }
        return lines;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.3f" : "%.1f", value);
    }

    /** Writes the file again where it was removed while it was open. @return whether it was */
    boolean restore() throws IOException {
        return log != null && log.restore();
    }

    @Override
    public void close() throws IOException {
        if (log != null) {
            log.close();
        }
    }
}
