package ddpm.sample;

import ddpm.BatchFit;
import ddpm.config.ImageSize;
import ddpm.diffusion.Condition;
import ddpm.diffusion.Denoiser;
import ddpm.diffusion.Guidance;
import ddpm.diffusion.Guided;
import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.reverse.Observer;
import ddpm.diffusion.reverse.ReverseProcess;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.solver.Plan;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.OutOfMemoryException;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.picture.Drawn;
import ddpm.train.settings.SampleConfig;
import java.util.Arrays;

/** Draws images with a model as a {@link SampleConfig} says. Image i depends on the seed and i alone. */
public final class ImageSampler {
    private final Backend backend;
    private final SampleConfig config;
    private final ReverseProcess process;
    private final ImageSize size;
    private final int channels;
    private final Editing editing;
    private final int[] labels; // of images 0, 1, ...; null where the model is told nothing

    /**
     * The process that a model was trained on.
     *
     * @param diffusion its schedule
     * @param objective what it was taught
     */
    public record Trained(Denoiser model, ScheduleConfig diffusion, ObjectiveConfig objective) {}

    public ImageSampler(
            Backend backend, Trained trained, SampleConfig config, long seed, ImageSize size, int channels) {
        this(backend, trained, Told.NOTHING, config, seed, size, channels);
    }

    /**
     * What the model is told.
     *
     * @param labels of images 0, 1, ..., -1 for none; null for none at all
     * @param guidance towards them
     */
    public record Told(int[] labels, Guidance guidance) {
        /** Nothing. */
        public static final Told NOTHING = new Told(null, Guidance.NONE);
    }

    /** As the other, with labels. */
    public ImageSampler(
            Backend backend, Trained trained, Told told, SampleConfig config, long seed, ImageSize size, int channels) {
        this(backend, trained, told, Editing.NONE, config, seed, size, channels);
    }

    /** As the other, of images that do not come from noise alone. */
    ImageSampler(
            Backend backend,
            Trained trained,
            Told told,
            Editing editing,
            SampleConfig config,
            long seed,
            ImageSize size,
            int channels) {
        this.editing = editing;
        this.backend = backend;
        this.config = config;
        this.labels = told.labels();
        Denoiser model = labels != null && told.guidance().active()
                ? new Guided(
                        trained.model(), told.guidance(), trained.diffusion().timesteps())
                : trained.model();
        Plan plan = editing.plans().of(config, trained.diffusion(), trained.objective());
        this.process = new ReverseProcess(model, Condition.NONE, plan, seed);
        this.size = size;
        this.channels = channels;
    }

    /** The sampler in words: {@code ddim, 100 steps, trailing, eta=1.0, clipped}. */
    public String describe() {
        return config.describe(process.plan());
    }

    /** How often the network is asked for an image. */
    public int evaluations() {
        return process.plan().evaluations();
    }

    /** Images 0 .. count-1, drawn {@code batch} at a time. */
    public Drawn draw(int count, int batch) {
        return draw(count, batch, Observer.none());
    }

    /** As {@link #draw(int, int)}, with someone watching. @throws OutOfMemoryException naming the batch that would fit */
    public Drawn draw(int count, int batch, Observer observer) {
        float[][] images = new float[count][];
        int length = size.height() * size.width() * channels;
        for (int first = 0; first < count; first += batch) {
            int n = Math.min(batch, count - first);
            try (Scope scope = Scope.on(backend)) {
                Tensor x = draw(scope, first, n, observer);
                float[] values = x.toFloats();
                for (int i = 0; i < n; i++) {
                    images[first + i] = Arrays.copyOfRange(values, i * length, (i + 1) * length);
                }
            } catch (OutOfMemoryException e) {
                throw BatchFit.explain(e, backend, n, this::drawAndForget);
            }
        }
        return new Drawn(size, channels, images);
    }

    private Tensor draw(Scope scope, int first, int n, Observer observer) {
        ReverseProcess told = of(scope, first, n);
        if (editing.seeds() == null) {
            return told.draw(scope, images(n), first, editing.edit(), observer);
        }
        if (n != 1) {
            throw new IllegalArgumentException(
                    "sample: images of seeds of their own are drawn one at a time, got " + n);
        }
        return told.with(editing.seeds()[first]).draw(scope, images(1), 0, editing.edit(), observer.from(first));
    }

    private ReverseProcess of(Scope scope, int first, int n) {
        return labels == null
                ? process
                : process.with(Condition.of(scope, Arrays.copyOfRange(labels, first, first + n)));
    }

    private Nhwc images(int n) {
        return new Nhwc(n, size.height(), size.width(), channels);
    }

    private void drawAndForget(int n) {
        try (Scope scope = Scope.on(backend)) {
            draw(scope, 0, n, Observer.none());
        }
        backend.synchronize();
    }
}
