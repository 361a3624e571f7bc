package ddpm.sample;

import ddpm.Devices;
import ddpm.MeasuredStep;
import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.data.ImageGrid;
import ddpm.diffusion.NoiseSchedule;
import ddpm.engine.backend.Backend;
import ddpm.engine.io.IoReason;
import ddpm.engine.nn.Parameter;
import ddpm.engine.profile.Profiler;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.model.UNet;
import ddpm.terminal.Durations;
import ddpm.terminal.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** {@code ddpm sample} from the request to the last file: checks where the images go, draws them, writes them. */
public final class SamplingSession {
    /** Always the same, so that a seed gives the same images whatever the training computed in. */
    private static final String PRECISION = "fp32";

    /** Room for the images in the Java heap, as a share of all of it. */
    private static final double HEAP_SHARE = 0.7;

    private final SampleRequest request;
    private final TrainedModel trained;
    private final PrintWriter out;

    /** @param out progress, and what was written */
    public SamplingSession(SampleRequest request, TrainedModel trained, PrintWriter out) {
        this.request = request;
        this.trained = trained;
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
        try (Backend device = Devices.open(request.device(), PRECISION)) {
            Profiler profiler = request.profile() > 0 ? new Profiler(device) : null;
            draw(config, profiler == null ? device : profiler.backend(), profiler);
        }
        out.println("done in " + Durations.text((System.nanoTime() - began) / 1e9));
        out.flush();
    }

    private void draw(SampleConfig config, Backend backend, Profiler profiler) {
        try (UNet model = new UNet(trained.model(), backend, 0)) {
            load(model);
            ImageSampler sampler = new ImageSampler(
                    backend, model, new NoiseSchedule(trained.diffusion()), config, request.seed(), size(), channels());
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
            Trajectory trajectory = request.trajectory() == null
                    ? null
                    : new Trajectory(request.trajectory(), size(), channels(), request.count(), sampler.steps());
            Drawn drawn = draw(sampler, trajectory, profiler);
            requireFinite(drawn);
            write(drawn, trajectory);
        }
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

    private void load(UNet model) {
        List<String> wanted =
                model.parameters().list().stream().map(Parameter::name).toList();
        WeightNames names = WeightNames.of(trained.weights(), wanted, request.ema());
        if (!names.note().isEmpty()) {
            out.println(trained.file() + ": " + names.note());
        }
        try {
            model.parameters().load(names.tensors());
        } catch (TensorException e) {
            throw new UserError(trained.file() + " " + e.getMessage(), e);
        }
    }

    private Drawn draw(ImageSampler sampler, Trajectory trajectory, Profiler profiler) {
        int batches = (request.count() + request.batch() - 1) / request.batch();
        long total = (long) batches * sampler.steps();
        if (request.profile() > total) {
            throw UserError.usage("--profile=" + request.profile() + ": the drawing has only " + total
                    + " steps; name an earlier one");
        }
        MeasuredStep measured = profiler == null ? null : new MeasuredStep(profiler, request.profile());
        try (Progress progress = Progress.of(out, false, "step", 0, total)) {
            return sampler.draw(request.count(), request.batch(), new ImageSampler.Watcher() {
                @Override
                public void take(int first, int k, Runnable step) {
                    if (measured != null && number(first, k) == measured.step()) {
                        progress.say(measure(measured, step));
                    } else {
                        step.run();
                    }
                }

                @Override
                public void step(int first, int k, int t, Tensor x, Tensor next, Tensor x0) {
                    if (trajectory != null) {
                        trajectory.step(first, k, t, x, next, x0);
                    }
                    int batch = first / request.batch() + 1;
                    progress.at(
                            number(first, k),
                            batches == 1 ? "" : String.format(Locale.ROOT, "batch %,d/%,d", batch, batches));
                }

                /** Of a step over all batches, from 1. */
                private long number(int first, int k) {
                    return (long) (first / request.batch()) * sampler.steps() + k + 1;
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

    private void write(Drawn drawn, Trajectory trajectory) {
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
            Preview.write(request.grid(), drawn);
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
