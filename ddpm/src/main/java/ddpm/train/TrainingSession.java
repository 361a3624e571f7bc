package ddpm.train;

import ddpm.Devices;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataConfig;
import ddpm.data.DataEnvironment;
import ddpm.data.DataSources;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.MnistOrGlyphs;
import ddpm.engine.backend.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** {@code ddpm train} from the request to the last checkpoint: data, forecast, run folder, loop. */
public final class TrainingSession {
    private final TrainRequest request;
    private final PrintWriter out;
    private final DataEnvironment environment;

    /** @param out what the user sees besides errors */
    public TrainingSession(TrainRequest request, PrintWriter out, DataEnvironment environment) {
        this.request = request;
        this.out = out;
        this.environment = environment;
    }

    /**
     * Trains as requested.
     *
     * @throws IOException when the run folder or a checkpoint cannot be written or read
     */
    public TrainingRun.Outcome run() throws IOException {
        Loaded loaded = load();
        RunConfig config = loaded.config();
        try (Backend backend = Devices.open(request.device(), config.train().precision());
                Trainer trainer = new Trainer(config, backend, loaded.images())) {
            if (request.dryRun()) {
                describe(trainer, loaded);
                say("dry run: nothing was trained, " + request.out() + " was not touched");
                return TrainingRun.Outcome.FINISHED;
            }
            try (RunFolder folder = RunFolder.create(request.out(), request.resume());
                    StopRequest stop = new StopRequest()) {
                long from = TrainingRun.restore(trainer, folder);
                describe(trainer, loaded);
                writeConfig(config, folder);
                say((from == 0 ? "training into " : "resuming at step " + from + " in ") + request.out());
                return train(trainer, folder, stop, from);
            }
        }
    }

    private TrainingRun.Outcome train(Trainer trainer, RunFolder folder, StopRequest stop, long from)
            throws IOException {
        TrainingRun.Outcome outcome;
        try (Display display =
                Display.of(out, request.quiet(), Terminal.isInteractive(), from, trainer.totalSteps())) {
            outcome = new TrainingRun(trainer, folder, display, stop).run();
        }
        if (outcome == TrainingRun.Outcome.STOPPED) {
            out.println("stopped at step " + trainer.step() + " and saved; go on with: ddpm train --resume --out "
                    + request.out());
        } else {
            say("done: " + trainer.totalSteps() + " steps; draw images with: ddpm sample --checkpoint " + request.out());
        }
        out.flush();
        stop.finished();
        return outcome;
    }

    private record Loaded(RunConfig config, ImageSet images, String notice) {}

    private Loaded load() {
        RunConfig asked = request.config()
                .withPrecision(Devices.precision(
                        request.device(), request.config().train().precision()));
        DataConfig data = asked.data();
        // the word glyphs is only looked at where the source is null
        DataSpec spec = new DataSpec(
                data.source() == null ? "mnist" : data.source(),
                Channels.parse(data.channels()),
                data.imageSize().orElse(null),
                asked.seed(),
                0);
        if (data.source() == null) {
            MnistOrGlyphs found = DataSources.mnistOrGlyphs(spec, environment);
            return new Loaded(fit(asked.withSource(found.source()), found.images()), found.images(), found.notice());
        }
        ImageSet images = DataSources.load(spec, environment);
        return new Loaded(fit(asked, images), images, null);
    }

    private static RunConfig fit(RunConfig config, ImageSet images) {
        return config.forImages(images.channels(), new ImageSize(images.height(), images.width()));
    }

    private void describe(Trainer trainer, Loaded loaded) {
        if (loaded.notice() != null) {
            out.println(loaded.notice());
        }
        say("data: " + loaded.images().describe());
        if (!request.quiet()) {
            say(Forecast.of(trainer).describe());
        }
    }

    private void writeConfig(RunConfig config, RunFolder folder) throws IOException {
        if (!Files.exists(folder.config())) {
            Files.write(folder.config(), config.toYaml().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void say(String text) {
        if (!request.quiet()) {
            out.println(text);
            out.flush();
        }
    }
}
