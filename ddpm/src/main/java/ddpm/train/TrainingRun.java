package ddpm.train;

import ddpm.UserError;
import ddpm.data.DataException;
import ddpm.engine.optim.NotFiniteException;
import ddpm.sample.ImageSampler;
import ddpm.sample.Preview;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;

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
    private final StepProfile profile; // null for none
    private final Window window = new Window();
    private final Outlook outlook; // null for none
    private long savedStep = -1;

    /**
     * @param profile the step to measure; null for none
     * @param forecast what was said before, to be completed or corrected by the steps; null where nothing is said
     */
    TrainingRun(
            Trainer trainer,
            RunFolder folder,
            Display display,
            StopRequest stop,
            StepProfile profile,
            Forecast forecast) {
        this.trainer = trainer;
        this.folder = folder;
        this.checkpoints = new CheckpointStore(folder.path());
        this.display = display;
        this.stop = stop;
        this.profile = profile;
        this.outlook = forecast == null ? null : new Outlook(forecast, trainer.config(), trainer.totalSteps());
        this.savedStep = trainer.step() > 0 ? trainer.step() : -1; // steps done came from a checkpoint
    }

    /**
     * Loads the latest checkpoint, if there is one.
     *
     * @return the step to go on from
     * @throws CheckpointException when it is damaged
     * @throws UserError when it is not of this model or not of these images
     */
    static long restore(Trainer trainer, RunFolder folder) throws IOException {
        CheckpointStore store = new CheckpointStore(folder.path());
        Optional<Path> latest = store.latest();
        if (latest.isEmpty()) {
            return 0;
        }
        Path path = latest.get();
        Checkpoint found = store.load(path);
        trainer.requireReachable(found.state(), path.resolve(Checkpoint.STATE));
        try {
            trainer.restore(found, path);
        } catch (UserError e) {
            throw new UserError(e.getMessage() + "; " + CheckpointFolder.others(path), e);
        }
        return trainer.step();
    }

    /** Trains to the end or until asked to stop. */
    Outcome run() throws IOException {
        try (MetricsLog metrics = MetricsLog.open(folder.metrics(), trainer.step())) {
            window.start(
                    metrics.kept().stream().mapToDouble(Metrics::seconds).max().orElse(0));
            while (trainer.step() < trainer.totalSteps() && !stop.requested()) {
                for (Trainer.Result r : next()) {
                    after(r, metrics);
                }
            }
            if (savedStep != trainer.step()) {
                save();
            }
        } catch (NotFiniteException e) {
            throw failed(trainer.step() + 1, e);
        } catch (RunFolderException | DataException e) {
            throw failed(trainer.step(), e);
        }
        if (trainer.step() < trainer.totalSteps()) {
            return Outcome.STOPPED;
        }
        LossChart.write(folder.lossChart(), MetricsLog.read(folder.metrics()));
        display.say("loss curve: " + folder.lossChart());
        return Outcome.FINISHED;
    }

    private List<Trainer.Result> next() throws IOException {
        if (profile != null && profile.isNext(trainer)) {
            List<Trainer.Result> result = profile.measure(trainer, folder);
            display.say(profile.report());
            return result;
        }
        int most = untilDue();
        long began = System.nanoTime();
        List<Trainer.Result> results = trainer.next(profile == null ? most : profile.upTo(trainer, most));
        double seconds = (System.nanoTime() - began) / 1e9;
        if (outlook != null) {
            outlook.after(trainer.step(), results.size(), seconds).ifPresent(display::say);
        }
        return results;
    }

    /** Steps up to the next one after which something is due: no further, since that may look at the weights. */
    private int untilDue() {
        TrainConfig config = trainer.config().train();
        long step = trainer.step();
        long due = Math.min(trainer.totalSteps() - step, config.logEvery() - step % config.logEvery());
        due = Math.min(due, config.saveEvery() - step % config.saveEvery());
        if (config.sampleEvery() > 0) {
            due = Math.min(due, config.sampleEvery() - step % config.sampleEvery());
        }
        return (int) Math.min(Integer.MAX_VALUE, due);
    }

    /** Metrics, checkpoint and preview, where they are due; the preview last, since it takes longest. */
    private void after(Trainer.Result r, MetricsLog metrics) throws IOException {
        TrainConfig config = trainer.config().train();
        window.add(r);
        display.step(r, window.meanLoss(), window.imagesPerSecond());
        boolean last = r.step() == trainer.totalSteps();
        if (last || r.step() % config.logEvery() == 0) {
            metrics.append(window.close(r));
        }
        if (!Double.isNaN(r.epochLoss())) {
            display.say(String.format(Locale.ROOT, "epoch %d done: mean loss %.5f", r.epoch(), r.epochLoss()));
        }
        if (last || r.step() % config.saveEvery() == 0) {
            save();
        }
        if (config.sampleEvery() > 0 && (last || r.step() % config.sampleEvery() == 0) && !stop.requested()) {
            preview();
        }
    }

    private UserError failed(long step, Exception e) throws IOException {
        String good = checkpoints
                .latest()
                .map(p -> "the last good checkpoint is " + p + ", go on from it with --resume")
                .orElse("nothing was saved yet");
        return new UserError("training stopped at step " + step + ": " + e.getMessage() + "; " + good, e);
    }

    private void save() throws IOException {
        Snapshot snapshot = trainer.snapshot();
        List<String> broken = snapshot.notFinite();
        if (!broken.isEmpty()) {
            // the loss shows it only at the next step
            throw failed(
                    trainer.step(),
                    new NotFiniteException(broken.size() + " of the weights and moments are NaN or infinite, such as "
                            + broken.get(0) + "; lower the learning rate (--lr)"));
        }
        CheckpointStore.Saved saved = checkpoints.save(snapshot);
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
        try {
            Preview.write(
                    file,
                    trainer.averaged(
                            () -> sampler.draw(c.sample().count(), c.train().batch(), giveUp())));
            display.say("preview: " + file);
        } catch (CancellationException e) {
            display.say("no preview of step " + trainer.step() + ": asked to stop");
        }
        window.resume();
    }

    /** Ends the drawing once a stop is asked for: at 50 steps for 64 images it may take a minute. */
    private ImageSampler.Watcher giveUp() {
        return (first, k, t, x, next, x0) -> {
            if (stop.requested()) {
                throw new CancellationException();
            }
        };
    }
}
