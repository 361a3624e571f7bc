package ddpm.sample;

import ddpm.Devices;
import ddpm.MeasuredStep;
import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.config.Problems;
import ddpm.diffusion.edit.Given;
import ddpm.diffusion.reverse.Observer;
import ddpm.engine.backend.Backend;
import ddpm.engine.disk.IoReason;
import ddpm.engine.nn.Parameters;
import ddpm.engine.profile.Profiler;
import ddpm.model.Model;
import ddpm.picture.Drawn;
import ddpm.picture.ImageGrid;
import ddpm.picture.Preview;
import ddpm.terminal.Durations;
import ddpm.terminal.Progress;
import ddpm.train.checkpoint.TrainedModel;
import ddpm.train.settings.SampleConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** {@code ddpm sample} from the request to the last file: checks where the images go, draws them, writes them. */
public final class SamplingSession {
    /** Room for the images in the Java heap, as a share of all of it. */
    private static final double HEAP_SHARE = 0.7;

    private final SampleRequest request;
    private final TrainedModel trained;
    private final Editing editing;
    private final ClassChoice choice;
    private final PrintWriter out;

    /** @param out progress, and what was written */
    public SamplingSession(SampleRequest request, TrainedModel trained, PrintWriter out) {
        this.trained = trained;
        int asked = request.classes().counted() ? request.count() : 0;
        this.editing = Editing.of(request.edit(), size(), channels(), asked);
        int count = editing.count() == 0 ? request.count() : editing.count();
        this.choice = request.classes().choose(trained.classes(), trained.file().toString(), count, editing.edits());
        if (editing.count() != 0 && choice.count() != editing.count()) {
            throw UserError.usage("--class " + request.classes().text() + ": one class for the " + editing.count()
                    + " images, " + editing.text() + "; name one");
        }
        this.request = request.withImages(choice.count(), editing.seeds() == null ? request.batch() : 1);
        this.out = out;
    }

    /**
     * Draws and writes as requested.
     *
     * @throws UserError where the weights do not fit the model, a file cannot be written, or the images are not finite
     */
    public void run() {
        SampleConfig config = request.sampling(trained.sample(), trained.diffusion());
        requireHeap();
        Outputs.requireWritable(request);
        long began = System.nanoTime();
        try (Backend device = Devices.open(request.device(), request.precision())) {
            Profiler profiler = request.profile() > 0 ? new Profiler(device) : null;
            draw(config, profiler == null ? device : profiler.backend(), profiler);
        }
        out.println("done in " + Durations.text((System.nanoTime() - began) / 1e9));
        out.flush();
    }

    private void draw(SampleConfig config, Backend backend, Profiler profiler) {
        try (Model model = loaded(backend)) {
            ImageSampler.Trained process = process(model);
            ImageSampler.Told told = told();
            editing.requireStill(config, config.plan(trained.diffusion(), trained.objective()));
            ImageSampler sampler = sampler(backend, process, told, editing, config);
            describe(sampler, config, backend);
            Trajectory trajectory = request.trajectory() == null
                    ? null
                    : new Trajectory(request.trajectory(), size(), channels(), request.count(), sampler.evaluations());
            Drawn drawn = draw(sampler, trajectory, profiler);
            requireFinite(drawn);
            if (request.edit() instanceof EditRequest.Invert invert) {
                Drawn noise = unit(drawn, config);
                keep(invert, noise);
                ImageSampler again = sampler(backend, process, told, Editing.again(noise.images()), config);
                drawn = draw(again, null, null);
                requireFinite(drawn);
                write(drawn, beside(drawn), trajectory);
                return;
            }
            write(drawn, drawn, trajectory);
        }
    }

    /**
     * Draws as requested and writes nothing.
     *
     * @param backend computes in float32
     * @throws UserError as {@link #run}
     */
    public Drawn images(Backend backend) {
        SampleConfig config = request.sampling(trained.sample(), trained.diffusion());
        requireHeap();
        try (Model model = loaded(backend)) {
            ImageSampler sampler = sampler(backend, process(model), told(), editing, config);
            describe(sampler, config, backend);
            Drawn drawn = draw(sampler, null, null);
            requireFinite(drawn);
            return drawn;
        }
    }

    /** The network with its weights, for other questions than for images; what there is to say of its file {@link #images} has said. */
    public Model network(Backend backend) {
        Model model = trained.model().create(Parameters.toLoad(backend));
        WeightNames.load(trained, model, !request.weights().raw());
        return model;
    }

    /** The class of each image that {@link #images} draws, -1 for none; null where the model is told nothing. */
    public int[] labels() {
        return choice.labels();
    }

    private Model loaded(Backend backend) {
        Model model = trained.model().create(Parameters.toLoad(backend));
        trained.notes().forEach(note -> out.println(trained.file() + ": " + note));
        load(model);
        return model;
    }

    private ImageSampler.Trained process(Model model) {
        return new ImageSampler.Trained(model, trained.diffusion(), trained.objective());
    }

    private ImageSampler.Told told() {
        return new ImageSampler.Told(choice.labels(), request.classes().guidanceOrNone());
    }

    private void describe(ImageSampler sampler, SampleConfig config, Backend backend) {
        out.printf(
                Locale.ROOT,
                "%s%ndrawing %,d image%s %sx%d from %s%n%s, seed %d%n",
                Devices.describe(request.device(), backend),
                request.count(),
                request.count() == 1 ? "" : "s",
                size(),
                channels(),
                trained.file(),
                sampler.describe(),
                request.seed());
        if (!editing.text().isEmpty()) {
            out.println(editing.text());
        }
        if (choice.labels() != null) {
            out.println(choice.text() + request.classes().guidanceText());
        }
        List<String> unused = request.unused(config);
        if (!unused.isEmpty()) {
            out.println(config.sampler() + " takes no notice of " + Problems.list(unused, "and"));
        }
    }

    private ImageSampler sampler(
            Backend backend, ImageSampler.Trained process, ImageSampler.Told told, Editing as, SampleConfig config) {
        return new ImageSampler(backend, process, told, as, config, request.seed(), size(), channels());
    }

    /** x_T in the unit of the standard normals that images begin with. */
    private Drawn unit(Drawn last, SampleConfig config) {
        double factor =
                1 / config.course(trained.diffusion(), trained.objective()).start();
        float[][] noise = new float[last.images().length][];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = last.images()[i].clone();
            for (int k = 0; k < noise[i].length; k++) {
                noise[i][k] *= (float) factor;
            }
        }
        return new Drawn(size(), channels(), noise);
    }

    private void keep(EditRequest.Invert invert, Drawn noise) {
        if (invert.noise() != null) {
            NpyFile.write(invert.noise(), noise, Float.MAX_VALUE);
            out.println("wrote " + invert.noise() + ": the noise that the image comes from; draw from it with --noise "
                    + invert.noise());
        }
    }

    /** The image that was inverted, and what its noise leads to. */
    private Drawn beside(Drawn again) {
        float[] image = ((Given) editing.edit()).x()[0];
        double squares = 0;
        for (int k = 0; k < image.length; k++) {
            squares += Math.pow(image[k] - again.images()[0][k], 2);
        }
        out.printf(
                Locale.ROOT,
                "drawn again it is off by %.3f of -1 .. 1 (root mean square)%n",
                Math.sqrt(squares / image.length));
        return new Drawn(size(), channels(), new float[][] {image, again.images()[0]});
    }

    private ImageSize size() {
        return trained.model().imSize();
    }

    private int channels() {
        return trained.model().imChannels();
    }

    private void requireHeap() {
        long bytes = (long) request.count() * size().height() * size().width() * channels() * Float.BYTES;
        long limit = (long) (HEAP_SHARE * Runtime.getRuntime().maxMemory());
        if (bytes > limit) {
            throw UserError.usage(String.format(
                    Locale.ROOT,
                    "--count %d: so many images take %,d MB, Java has %,d MB for them; draw them in parts with other"
                            + " seeds, or give Java more memory with java -Xmx",
                    request.count(),
                    bytes / 1_000_000,
                    limit / 1_000_000));
        }
    }

    private void load(Model model) {
        String note = WeightNames.load(trained, model, !request.weights().raw());
        if (!note.isEmpty()) {
            out.println(trained.file() + ": " + note);
        }
    }

    private Drawn draw(ImageSampler sampler, Trajectory trajectory, Profiler profiler) {
        int batches = (request.count() + request.batch() - 1) / request.batch();
        long total = (long) batches * sampler.evaluations();
        if (request.profile() > total) {
            throw UserError.usage("--profile=" + request.profile() + ": the drawing has only " + total
                    + " steps; name an earlier one");
        }
        MeasuredStep measured = profiler == null ? null : new MeasuredStep(profiler, request.profile());
        try (Progress progress = Progress.of(out, false, "step", 0, total)) {
            return sampler.draw(request.count(), request.batch(), new Observer() {
                @Override
                public void take(long firstImage, int evaluation, Runnable stage) {
                    if (measured != null && number(firstImage, evaluation) == measured.step()) {
                        progress.say(measure(measured, stage));
                    } else {
                        stage.run();
                    }
                }

                @Override
                public void see(Moment moment) {
                    if (trajectory != null) {
                        trajectory.see(moment);
                    }
                    long batch = moment.firstImage() / request.batch() + 1;
                    progress.at(
                            number(moment.firstImage(), moment.evaluation()),
                            batches == 1 ? "" : String.format(Locale.ROOT, "batch %,d/%,d", batch, batches));
                }

                /** Of an evaluation over all batches, from 1. */
                private long number(long firstImage, int evaluation) {
                    return firstImage / request.batch() * sampler.evaluations() + evaluation;
                }
            });
        }
    }

    private String measure(MeasuredStep measured, Runnable step) {
        Path folder = request.folder();
        try {
            return measured.measure(step, folder.resolve("sample-profile.txt"), folder.resolve("sample-trace.json"));
        } catch (IOException e) {
            throw new UserError("--profile: cannot write to " + folder + " (" + IoReason.of(e) + ")", e);
        }
    }

    private void requireFinite(Drawn drawn) {
        for (int i = 0; i < drawn.images().length; i++) {
            for (float v : drawn.images()[i]) {
                if (!Float.isFinite(v)) {
                    throw new UserError("image " + i + " holds " + v + ": the model of " + trained.file()
                            + " leaves the range of numbers; take an earlier checkpoint, and train with a lower --lr");
                }
            }
        }
    }

    /** @param shown in the grid */
    private void write(Drawn drawn, Drawn shown, Trajectory trajectory) {
        if (request.npy() != null) {
            NpyFile.write(request.npy(), drawn);
            out.printf(
                    Locale.ROOT,
                    "wrote %s: float32 [%d, %d, %d, %d]%n",
                    request.npy(),
                    request.count(),
                    size().height(),
                    size().width(),
                    channels());
        }
        if (request.out() != null) {
            writeEach(request.out(), drawn);
            out.printf(Locale.ROOT, "wrote %,d files to %s%n", request.count(), request.out());
        }
        if (request.grid() != null) {
            Preview.write(request.grid(), shown, choice.rows());
            out.println("wrote " + request.grid());
        }
        if (trajectory != null) {
            trajectory.write();
            out.println("wrote " + request.trajectory() + ": " + trajectory.describe());
        }
    }

    /** 00000.png, 00001.png, ... */
    private void writeEach(Path folder, Drawn drawn) {
        byte[][] images = drawn.bytes();
        for (int i = 0; i < images.length; i++) {
            byte[][] one = {images[i]};
            ImageGrid.write(
                    folder.resolve(Outputs.name(i)),
                    ImageGrid.grid(one, size().height(), size().width(), channels(), 1, 0, 1));
        }
    }
}
