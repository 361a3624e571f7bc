package ddpm.train.run;

import ddpm.DataException;
import ddpm.Invocation;
import ddpm.UserError;
import ddpm.engine.optim.NotFiniteException;
import ddpm.picture.Drawn;
import ddpm.picture.LossChart;
import ddpm.picture.Pictures;
import ddpm.picture.Preview;
import ddpm.sample.ClassChoice;
import ddpm.train.Trainer;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.checkpoint.CheckpointException;
import ddpm.train.checkpoint.CheckpointFolder;
import ddpm.train.checkpoint.CheckpointStore;
import ddpm.train.checkpoint.ForeignWeights;
import ddpm.train.checkpoint.Snapshot;
import ddpm.train.settings.RunConfig;
import ddpm.train.settings.SampleConfig;
import ddpm.train.settings.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
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
    private final Optional<TintDrift> tints;
    private final Window window = new Window();
    private final Outlook outlook; // null for none
    private final RunEvents events;
    private final TrainingSampler sampler;
    private final Evaluations.Judging judging; // null for none
    private Evaluations evaluations;
    private long savedStep = -1;

    /**
     * @param profile the step to measure; null for none
     * @param tints what the previews' colours are compared with
     * @param forecast what was said before, to be completed or corrected by the steps; null where nothing is said
     * @param judging what judges images on the way; null for none
     */
    public TrainingRun(
            Trainer trainer,
            RunFolder folder,
            Display display,
            StopRequest stop,
            StepProfile profile,
            Optional<TintDrift> tints,
            Forecast forecast,
            Evaluations.Judging judging) {
        this.trainer = trainer;
        this.folder = folder;
        this.checkpoints = new CheckpointStore(folder.path());
        this.display = display;
        this.stop = stop;
        this.profile = profile;
        this.tints = tints;
        this.outlook = forecast == null ? null : new Outlook(forecast, trainer.config(), trainer.totalSteps());
        this.sampler = new TrainingSampler(trainer, stop);
        this.judging = judging;
        this.events =
                RunEvents.of(folder, trainer.step(), trainer.config().train().tensorboard());
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
            Optional<String> foreign = ForeignWeights.in(folder.path());
            if (foreign.isPresent()) {
                throw new CheckpointException(
                        "--resume: " + folder.path()
                                + " holds no checkpoint to go on from, only weights that can be drawn from: "
                                + foreign.get(),
                        null);
            }
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

    /**
     * Trains to the end or until asked to stop.
     *
     * @throws UserError where it cannot go on; says what is saved, and where
     */
    public Outcome run() throws IOException {
        try (MetricsLog metrics = openMetrics();
                Evaluations judged = openEvaluations();
                events) {
            evaluations = judged;
            window.start(metrics.kept());
            try {
                return run(metrics);
            } catch (NotFiniteException e) {
                throw failed(trainer.step() + 1, e);
            } catch (IOException | DataException e) {
                throw unwritable(e, metrics);
            }
        }
    }

    private MetricsLog openMetrics() throws IOException {
        try {
            return MetricsLog.open(folder.metrics(), trainer.step());
        } catch (RunFolderException e) {
            throw failed(trainer.step(), e);
        }
    }

    private Evaluations openEvaluations() throws IOException {
        try {
            return Evaluations.open(trainer, folder, judging);
        } catch (RunFolderException e) {
            throw failed(trainer.step(), e);
        }
    }

    private Outcome run(MetricsLog metrics) throws IOException {
        evaluateWhereDue(trainer.step(), metrics); // a stop or a kill came before it
        while (goesOn()) {
            for (Trainer.Result r : next()) {
                after(r, metrics);
            }
        }
        if (savedStep != trainer.step()) {
            save(metrics);
        }
        requireFolder();
        boolean plateau = evaluations.plateau();
        if (trainer.step() < trainer.totalSteps() && !plateau) {
            return Outcome.STOPPED;
        }
        if (plateau && trainer.config().train().sampleEvery() > 0 && !Files.exists(folder.samples(trainer.step()))) {
            preview();
        }
        drawLoss();
        for (String line : evaluations.describeEnd()) {
            display.say(line);
        }
        return Outcome.FINISHED;
    }

    private boolean goesOn() {
        return trainer.step() < trainer.totalSteps() && !evaluations.plateau() && !stop.requested();
    }

    /** The training is over and saved: a machine that cannot draw takes nothing from that. */
    private void drawLoss() throws IOException {
        try {
            List<Metrics> lines = MetricsLog.read(folder.metrics());
            double[] steps = lines.stream().mapToDouble(Metrics::step).toArray();
            double[] losses = lines.stream().mapToDouble(Metrics::loss).toArray();
            Optional<String> without = LossChart.write(folder.lossChart(), steps, losses);
            display.say("loss curve: " + folder.lossChart());
            without.ifPresent(display::say);
        } catch (Pictures.UnavailableException e) {
            display.say("no loss curve: " + e.getMessage());
        }
    }

    private List<Trainer.Result> next() throws IOException {
        if (profile != null && profile.isNext(trainer)) {
            requireFolder();
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
        due = Math.min(due, evaluations.untilDue(step));
        return (int) Math.min(Integer.MAX_VALUE, due);
    }

    /** Metrics, checkpoint, preview and evaluation, where they are due; what takes longest last. */
    private void after(Trainer.Result r, MetricsLog metrics) throws IOException {
        TrainConfig config = trainer.config().train();
        window.add(r);
        display.step(r, window.meanLoss(), window.imagesPerSecond());
        boolean last = r.step() == trainer.totalSteps();
        if (last || r.step() % config.logEvery() == 0) {
            requireFolder();
            Metrics line = window.close(r, trainer.backend().memory().stats().peakBytes());
            metrics.append(line);
            events.add(line);
        }
        if (!Double.isNaN(r.epochLoss())) {
            display.say(String.format(Locale.ROOT, "epoch %d done: mean loss %.5f", r.epoch(), r.epochLoss()));
        }
        if (last || r.step() % config.saveEvery() == 0) {
            save(metrics);
        }
        if (config.sampleEvery() > 0 && (last || r.step() % config.sampleEvery() == 0) && !stop.requested()) {
            preview();
        }
        evaluateWhereDue(r.step(), metrics);
    }

    private void requireFolder() throws IOException {
        folder.requireOurs(trainer.config());
    }

    private UserError failed(long step, Exception e) throws IOException {
        String good = checkpoints
                .latest()
                .map(p -> "the last good checkpoint is " + p + ", go on from it with " + command(folder.path()))
                .orElse("nothing was saved yet");
        return new UserError("training stopped at step " + step + ": " + e.getMessage() + "; " + good, e);
    }

    private static String command(Path run) {
        return Invocation.command("train", "--resume", "--out", run);
    }

    /** What to tell where something could not be written; the steps done are saved before, where that is possible. */
    private UserError unwritable(Exception e, MetricsLog metrics) throws IOException {
        IOException lost = lost();
        if (lost != null) {
            return rescued(lost, metrics);
        }
        if (e instanceof CheckpointException notSaved) {
            if (trainer.snapshot().bytes() <= Files.getFileStore(folder.path()).getUsableSpace()) {
                return rescued(notSaved, metrics);
            }
            throw notSaved; // a full disk has no room beside the folder either
        }
        try {
            save(metrics);
        } catch (IOException notSaved) {
            e.addSuppressed(notSaved); // for the same reason: the message names the checkpoint before
        }
        return failed(trainer.step(), e);
    }

    /** Why the run folder is of no use any more; null where it is. */
    private IOException lost() {
        try {
            requireFolder();
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    private UserError rescued(Exception e, MetricsLog metrics) throws IOException {
        String stopped = "training stopped at step " + trainer.step() + ": " + e.getMessage() + "; ";
        Snapshot snapshot = trainer.snapshot();
        if (trainer.step() == 0 || !snapshot.notFinite().isEmpty()) {
            return new UserError(stopped + "nothing was saved", e);
        }
        try {
            Path rescued = Rescue.of(folder.path()).write(trainer.config(), metrics.written(), snapshot);
            return new UserError(
                    stopped + "all of it was saved into " + rescued + ", go on there with " + command(rescued), e);
        } catch (IOException nowhere) {
            e.addSuppressed(nowhere);
            return new UserError(stopped + "nothing was saved elsewhere either (" + nowhere.getMessage() + ")", e);
        }
    }

    private void save(MetricsLog metrics) throws IOException {
        Snapshot snapshot = trainer.snapshot();
        List<String> broken = snapshot.notFinite();
        if (!broken.isEmpty()) {
            // the loss shows it only at the next step
            throw failed(
                    trainer.step(),
                    new NotFiniteException(broken.size() + " of the weights and moments are NaN or infinite, such as "
                            + broken.get(0) + "; lower the learning rate (--lr)"));
        }
        requireFolder();
        List<String> restored = folder.complete(trainer.config(), metrics, evaluations);
        if (!restored.isEmpty()) {
            display.say(String.join(" and ", restored) + " had been removed from " + folder.path() + "; written again");
        }
        long began = System.nanoTime();
        CheckpointStore.Saved saved = checkpoints.save(snapshot);
        if (outlook != null) {
            outlook.saved((System.nanoTime() - began) / 1e9);
        }
        requireFolder();
        savedStep = trainer.step();
        saved.notRemoved().forEach(p -> display.say("could not remove " + p + "; delete it by hand"));
    }

    /** Draws the preview of this step. */
    private void preview() throws IOException {
        window.pause();
        RunConfig c = trainer.config();
        int count = c.sample().count();
        List<String> classes = c.classNames();
        ClassChoice choice = classes.isEmpty() ? null : ClassChoice.preview(classes, count);
        Path file = folder.samples(trainer.step());
        long began = System.nanoTime();
        try {
            Drawn drawn = sampler.draw(count, choice);
            requireFolder(); // a minute later: a preview must not bring back a folder without a run
            Preview.write(file, drawn, choice == null ? List.of() : choice.rows(), caption());
            events.add(trainer.step(), file);
            if (outlook != null) {
                outlook.previewed((System.nanoTime() - began) / 1e9);
            }
            display.say("preview: " + file);
            tints.flatMap(t -> t.of(drawn)).ifPresent(display::say);
        } catch (CancellationException e) {
            display.say("no preview of step " + trainer.step() + ": asked to stop");
        } catch (Pictures.UnavailableException e) {
            display.say("no preview of step " + trainer.step() + ": " + e.getMessage());
        }
        window.resume();
    }

    /** Draws images and has them judged, where that is due; the best step so far is saved and stays. */
    private void evaluateWhereDue(long step, MetricsLog metrics) throws IOException {
        if (!evaluations.due(step) || stop.requested()) {
            return;
        }
        window.pause();
        List<String> classes = trainer.config().classNames();
        int count = evaluations.images();
        try {
            Drawn drawn = sampler.draw(count, classes.isEmpty() ? null : ClassChoice.inTurn(classes, count));
            requireFolder();
            EvaluationLine line = evaluations.judge(step, drawn);
            if (evaluations.keep(line)) {
                if (savedStep != step) {
                    save(metrics);
                }
                checkpoints.markBest(step);
            }
            events.add(line);
            display.say(evaluations.describe(line));
        } catch (CancellationException e) {
            display.say("no evaluation of step " + step + ": asked to stop");
        }
        window.resume();
    }

    /** Which step and which way from noise to image the preview shows. */
    private List<String> caption() {
        SampleConfig sample = trainer.config().sample();
        return List.of("step " + trainer.step(), sample.sampler(), sample.steps() + " steps");
    }
}
