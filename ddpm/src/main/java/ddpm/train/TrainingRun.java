package ddpm.train;

import ddpm.UserError;
import ddpm.engine.optim.NotFiniteException;
import ddpm.sample.ImageSampler;
import ddpm.sample.Preview;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The loop around a {@link Trainer}: metrics, previews and checkpoints in a run folder, until the last step, a request
 * to stop, or a failure, each of which leaves a checkpoint to go on from.
 */
public final class TrainingRun {
    /** How a run ended. */
    public enum Outcome {
        FINISHED,
        STOPPED
    }

    private final Trainer trainer;
    private final RunFolder folder;
    private final CheckpointStore checkpoints;
    private final Display display;
    private final StopRequest stop;
    private final Window window = new Window();
    private long savedStep = -1;

    TrainingRun(Trainer trainer, RunFolder folder, Display display, StopRequest stop) {
        this.trainer = trainer;
        this.folder = folder;
        this.checkpoints = new CheckpointStore(folder.path());
        this.display = display;
        this.stop = stop;
    }

    /** Loads the latest checkpoint, if there is one. @return the step to go on from */
    static long restore(Trainer trainer, RunFolder folder) throws IOException {
        Optional<Path> latest = new CheckpointStore(folder.path()).latest();
        if (latest.isEmpty()) {
            return 0;
        }
        trainer.restore(new CheckpointStore(folder.path()).load(latest.get()), latest.get());
        return trainer.step();
    }

    /** Trains to the end or until asked to stop. */
    Outcome run() throws IOException {
        TrainConfig config = trainer.config().train();
        try (MetricsLog metrics = MetricsLog.open(folder.metrics(), trainer.step())) {
            window.start(
                    metrics.kept().stream().mapToDouble(Metrics::seconds).max().orElse(0));
            while (trainer.step() < trainer.totalSteps() && !stop.requested()) {
                Trainer.Result r = step();
                window.add(r);
                display.step(r, window.meanLoss(), window.imagesPerSecond());
                boolean last = r.step() == trainer.totalSteps();
                if (last || r.step() % config.logEvery() == 0) {
                    metrics.append(window.close(r));
                }
                if (!Double.isNaN(r.epochLoss())) {
                    display.say(String.format(Locale.ROOT, "epoch %d done: mean loss %.5f", r.epoch(), r.epochLoss()));
                }
                if (config.sampleEvery() > 0 && (last || r.step() % config.sampleEvery() == 0)) {
                    preview();
                }
                if (last || r.step() % config.saveEvery() == 0) {
                    save();
                }
            }
            if (savedStep != trainer.step()) {
                save();
            }
        }
        return trainer.step() < trainer.totalSteps() ? Outcome.STOPPED : Outcome.FINISHED;
    }

    private Trainer.Result step() throws IOException {
        try {
            return trainer.next();
        } catch (NotFiniteException e) {
            String good = checkpoints
                    .latest()
                    .map(p -> "the last good checkpoint is " + p)
                    .orElse("nothing was saved yet");
            throw new UserError(
                    "training stopped at step " + (trainer.step() + 1) + ": " + e.getMessage() + "; " + good, e);
        }
    }

    private void save() throws IOException {
        CheckpointStore.Saved saved = checkpoints.save(trainer.snapshot());
        savedStep = trainer.step();
        saved.notRemoved().forEach(p -> display.say("could not remove " + p + "; delete it by hand"));
    }

    /** Draws the preview of this step with the averaged weights; always from the same noise, so that pages compare. */
    private void preview() {
        window.pause();
        RunConfig c = trainer.config();
        ImageSampler sampler = new ImageSampler(
                trainer.backend(),
                trainer.model(),
                trainer.schedule(),
                c.sample(),
                c.seed(),
                c.model().imSize(),
                c.model().imChannels());
        Path file = folder.samples(trainer.step());
        Preview.write(
                file,
                trainer.averaged(
                        () -> sampler.draw(c.sample().count(), c.train().batch())));
        display.say("preview: " + file);
        window.resume();
    }
}
