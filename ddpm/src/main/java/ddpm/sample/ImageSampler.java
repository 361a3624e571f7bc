package ddpm.sample;

import ddpm.BatchFit;
import ddpm.config.ImageSize;
import ddpm.diffusion.DdimSampler;
import ddpm.diffusion.DdpmSampler;
import ddpm.diffusion.EpsModel;
import ddpm.diffusion.NoiseSchedule;
import ddpm.diffusion.ReverseProcess;
import ddpm.diffusion.Sampler;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.OutOfMemoryException;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/** Draws images with a model as a {@link SampleConfig} says. Image i depends on the seed and i alone. */
public final class ImageSampler {
    private final Backend backend;
    private final ReverseProcess process;
    private final Sampler sampler;
    private final ImageSize size;
    private final int channels;

    public ImageSampler(
            Backend backend,
            EpsModel model,
            NoiseSchedule schedule,
            SampleConfig config,
            long seed,
            ImageSize size,
            int channels) {
        this.backend = backend;
        this.sampler = config.sampler().equals("ddpm")
                ? new DdpmSampler(schedule, config.clipX0())
                : new DdimSampler(
                        schedule,
                        config.steps(),
                        config.eta(),
                        DdimSampler.Spacing.valueOf(config.spacing().toUpperCase(Locale.ROOT)),
                        config.clipX0());
        this.process = new ReverseProcess(model, sampler, seed);
        this.size = size;
        this.channels = channels;
    }

    /** Watches images emerge, one batch after the other. */
    @FunctionalInterface
    public interface Watcher {
        /**
         * After a step of a batch; the tensors are valid during the call.
         *
         * @param first number of the batch's first image
         * @param k number of the step, from 0
         * @param t the timestep it started from
         * @param x what it started from, x_t
         * @param next what it led to; after the last step, the images
         * @param x0 the model's estimate of the images
         */
        void step(int first, int k, int t, Tensor x, Tensor next, Tensor x0);

        /** Does step {@code k} of the batch; whoever measures it does it in a way of his own. */
        default void take(int first, int k, Runnable step) {
            step.run();
        }

        /** The batch from image {@code first} as the process sees it. */
        default ReverseProcess.Listener ofBatch(int first) {
            Watcher all = this;
            return new ReverseProcess.Listener() {
                @Override
                public void step(int k, int t, Tensor x, Tensor next, Tensor x0) {
                    all.step(first, k, t, x, next, x0);
                }

                @Override
                public void take(int k, Runnable step) {
                    all.take(first, k, step);
                }
            };
        }
    }

    /** The sampler in words: {@code ddim, 100 steps from t=999, eta=1.0, clipped}. */
    public String describe() {
        return sampler.toString();
    }

    /** Steps per image. */
    public int steps() {
        return sampler.timesteps().length;
    }

    /** Images 0 .. count-1, drawn {@code batch} at a time. */
    public Drawn draw(int count, int batch) {
        return draw(count, batch, (first, k, t, x, next, x0) -> {});
    }

    /** As {@link #draw(int, int)}, with someone watching. @throws OutOfMemoryException naming the batch that would fit */
    public Drawn draw(int count, int batch, Watcher watcher) {
        float[][] images = new float[count][];
        int length = size.height() * size.width() * channels;
        for (int first = 0; first < count; first += batch) {
            int n = Math.min(batch, count - first);
            try (Scope scope = Scope.on(backend)) {
                Tensor x = process.draw(
                        scope, new Nhwc(n, size.height(), size.width(), channels), first, watcher.ofBatch(first));
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

    private void drawAndForget(int n) {
        try (Scope scope = Scope.on(backend)) {
            process.draw(scope, new Nhwc(n, size.height(), size.width(), channels), 0, (k, t, from, to, x0) -> {});
        }
        backend.synchronize();
    }
}
