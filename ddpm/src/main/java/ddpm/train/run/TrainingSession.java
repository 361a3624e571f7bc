package ddpm.train.run;

import ddpm.Devices;
import ddpm.Invocation;
import ddpm.MeasuredStep;
import ddpm.UserError;
import ddpm.data.fetch.DownloadProgress;
import ddpm.data.source.DataEnvironment;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import ddpm.engine.profile.Profiler;
import ddpm.evaluate.QuickJudge;
import ddpm.terminal.Progress;
import ddpm.train.Trainer;
import ddpm.train.checkpoint.CheckpointStore;
import ddpm.train.checkpoint.RunFiles;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.ResumeCheck;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** {@code ddpm train} from the request to the last checkpoint: data, forecast, run folder, loop. */
public final class TrainingSession {
    private final TrainRequest request;
    private final PrintWriter out;
    private final PrintWriter err;
    private final DataEnvironment environment;
    private final StopRequest asked;

    /**
     * @param out what the user sees; nothing where the request is quiet
     * @param err warnings
     */
    public TrainingSession(TrainRequest request, PrintWriter out, PrintWriter err, DataEnvironment environment) {
        this(request, out, err, environment, () -> false);
    }

    /** @param asked ends the training beside the signals */
    TrainingSession(
            TrainRequest request, PrintWriter out, PrintWriter err, DataEnvironment environment, StopRequest asked) {
        this.request = request;
        this.out = out;
        this.err = err;
        this.environment = environment;
        this.asked = asked;
    }

    /**
     * Trains as requested.
     *
     * @throws IOException when the run folder or a checkpoint cannot be written or read
     */
    public TrainingRun.Outcome run() throws IOException {
        RunConfig before = request.resume() ? configOfRun() : null;
        RunConfig wanted = before == null ? request.config() : request.config().withClassesOf(before);
        ResumedData resumed = ResumedData.of(request, before, environment);
        List<String> changes =
                before == null ? List.of() : ResumeCheck.changes(before, wanted, resumed.mayBeRenamed(wanted));
        TrainingData data = load(wanted, resumed.place(wanted));
        if (!request.dryRun()) {
            resumed.check(data);
            resumed.notice().ifPresent(this::say);
        }
        RunConfig config = data.config();
        try (Backend device = Devices.open(request.device(), config.train().precision())) {
            Profiler profiler = request.profile() > 0 ? new Profiler(device) : null;
            return run(before, changes, data, profiler == null ? device : profiler.backend(), profiler);
        }
    }

    private TrainingRun.Outcome run(
            RunConfig before, List<String> changes, TrainingData data, Backend backend, Profiler profiler)
            throws IOException {
        RunConfig config = data.config();
        try (Trainer trainer = new Trainer(config, backend, data.take())) {
            System.gc(); // the device has the images: their memory goes back to the system before the steps take theirs
            if (request.dryRun()) {
                describe(trainer, data);
                say("dry run: nothing was trained, " + request.out() + " was not touched");
                return TrainingRun.Outcome.FINISHED;
            }
            try (RunFolder folder = RunFolder.create(request.out(), request.resume());
                    StopSignals signals = new StopSignals()) {
                new CheckpointStore(folder.path()).passedOver().ifPresent(this::warn);
                long from = TrainingRun.restore(trainer, folder);
                requireAhead(trainer);
                StepProfile profile = profiler == null ? null : profile(profiler, trainer);
                // before a line is written: images that cannot be judged leave no run behind
                try (QuickJudge judge = judge(data)) {
                    folder.writeConfig(config);
                    data.identity().write(folder.path());
                    Forecast forecast = describe(trainer, data);
                    say((from == 0 ? "training into " : "resuming at step " + from + " in ") + request.out());
                    tellChanges(before, config, changes, trainer);
                    tellEvaluations(judge, config);
                    TrainingRun.Outcome outcome;
                    try (Display display = Display.of(out, request.quiet(), from, trainer.totalSteps())) {
                        display.explain(data.lossScale());
                        StopRequest stop = () -> signals.requested() || asked.requested();
                        Evaluations.Judging judging = judge == null ? null : Evaluations.Judging.by(judge);
                        outcome = new TrainingRun(
                                        trainer, folder, display, stop, profile, data.tints(), forecast, judging)
                                .run();
                    }
                    return told(outcome, trainer);
                }
            }
        }
    }

    /** The settings of the run that goes on; null where it was killed before it had written them. */
    private RunConfig configOfRun() {
        Path file = request.out().resolve(RunFiles.CONFIG);
        return Files.exists(file)
                ? new ConfigLoader(request.config().preset()).ofRun(file).load()
                : null;
    }

    /** What judges images on the way; null for none. */
    private QuickJudge judge(TrainingData data) {
        return data.judge(this::say, steps -> Progress.of(out, request.quiet(), "step", 0, steps))
                .orElse(null);
    }

    private void tellEvaluations(QuickJudge judge, RunConfig config) {
        if (judge != null) {
            say(String.format(
                    Locale.ROOT,
                    "every %,d steps an evaluation of %,d images, whose time no forecast has, by %s; as many real images"
                            + " have a Frechet distance of %.3f",
                    config.train().evaluateEvery(),
                    judge.count(),
                    judge.text(),
                    judge.real().frechet()));
        }
    }

    private void requireAhead(Trainer trainer) {
        if (trainer.step() > trainer.totalSteps()) {
            throw UserError.usage("--resume: the run in " + request.out() + " has done " + trainer.step()
                    + " steps, more than the " + trainer.totalSteps() + " asked for; give more --steps or --epochs");
        }
    }

    private StepProfile profile(Profiler profiler, Trainer trainer) {
        long step = trainer.step() + request.profile();
        if (step > trainer.totalSteps()) {
            throw UserError.usage("--profile=" + request.profile() + ": the training has only "
                    + (trainer.totalSteps() - trainer.step()) + " steps to go; name an earlier one");
        }
        return new StepProfile(new MeasuredStep(profiler, step));
    }

    private void tellChanges(RunConfig before, RunConfig config, List<String> changes, Trainer trainer) {
        if (!changes.isEmpty()) {
            say("from here on with " + String.join(", ", changes));
            if (!ResumeCheck.sameSchedule(before, config, trainer.step(), trainer.images())) {
                warn("the learning rates of the first " + trainer.step() + " steps would have been others: the"
                        + " result differs from that of one run with these settings");
            }
        }
    }

    private TrainingRun.Outcome told(TrainingRun.Outcome outcome, Trainer trainer) {
        if (outcome == TrainingRun.Outcome.STOPPED) {
            (request.quiet() ? err : out)
                    .println(
                            "stopped at step " + trainer.step() + " and saved; go on with: " + request.resumeCommand());
        } else {
            say("done: " + trainer.step() + " steps in " + request.out() + "; draw images with: "
                    + Invocation.command("sample", "--checkpoint", request.out()));
        }
        out.flush();
        err.flush();
        return outcome;
    }

    private TrainingData load(RunConfig wanted, String place) {
        DataEnvironment quiet = environment.withProgress(DownloadProgress.SILENT);
        String precision = Devices.precision(request.device(), wanted.train().precision());
        RunConfig config = wanted.withPrecision(precision);
        return request.dryRun()
                ? TrainingData.forecast(config, place, quiet)
                : TrainingData.load(config, place, request.quiet() ? quiet : environment);
    }

    /** @return what was said; null where the request is quiet */
    private Forecast describe(Trainer trainer, TrainingData data) {
        if (data.notice() != null) {
            warn(data.notice());
        }
        if (request.quiet()) {
            return null;
        }
        say("data: " + data.describe());
        say(Devices.describe(request.device(), trainer.backend()));
        Forecast forecast = Forecast.of(trainer, request.dryRun());
        say(forecast.describe());
        if (forecast.timed()) {
            say(forecast.describeTime());
        }
        forecast.shortage(available(trainer)).ifPresent(this::warn);
        return forecast;
    }

    /** Bytes of memory that a step may take: those of the machine, or those of the GPU that are free or ours. */
    private long available(Trainer trainer) {
        MemoryOps memory = trainer.backend().memory();
        return request.device().cuda()
                ? memory.stats().usedBytes() + memory.availableBytes()
                : CpuMemory.physicalBytes();
    }

    private void warn(String text) {
        err.println("ddpm: " + text);
        err.flush();
    }

    private void say(String text) {
        if (!request.quiet()) {
            out.println(text);
            out.flush();
        }
    }
}
