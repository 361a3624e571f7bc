package ddpm.bench;

import ddpm.diffusion.DdpmSampler;
import ddpm.diffusion.NoiseSchedule;
import ddpm.diffusion.ReverseProcess;
import ddpm.diffusion.Sampler;
import ddpm.diffusion.Update;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.UNet;
import ddpm.model.UNetConfig;
import ddpm.train.RunConfig;
import java.util.Arrays;

/** The first steps of drawing a batch of images, which cost what every step costs. */
final class SyntheticSampling {
    /** On a GPU the first steps of a chain record what the others replay. */
    private static final int UNTIMED = 2;

    private final Backend backend;
    private final UNet model;
    private final Nhwc images;
    private final NoiseSchedule schedule;

    SyntheticSampling(RunConfig config, Backend backend, UNet model) {
        this.backend = backend;
        this.model = model;
        this.schedule = new NoiseSchedule(config.diffusion());
        UNetConfig m = config.model();
        this.images =
                new Nhwc(config.train().batch(), m.imSize().height(), m.imSize().width(), m.imChannels());
    }

    private record FirstSteps(Sampler all, int steps) implements Sampler {
        @Override
        public int[] timesteps() {
            return Arrays.copyOf(all.timesteps(), steps);
        }

        @Override
        public Update update(int k) {
            return all.update(k);
        }
    }

    /** The most steps that a sample can have: a chain ends. */
    int most() {
        return schedule.timesteps() - UNTIMED;
    }

    /** One sample of {@code steps} steps. @throws IllegalStateException where an image is not finite */
    void sample(int steps, Samples samples) {
        draw(UNTIMED + steps, (k, t, from, next, x0) -> {
            if (k == UNTIMED - 1) {
                backend.synchronize();
                samples.begin();
            } else if (k == UNTIMED + steps - 1) {
                backend.synchronize();
                samples.end(steps);
            }
        });
    }

    /** The first steps of a chain, waited for. @throws IllegalStateException where an image is not finite */
    void draw(int steps) {
        draw(steps, ReverseProcess.Listener.none());
    }

    private void draw(int steps, ReverseProcess.Listener listener) {
        Sampler first = new FirstSteps(new DdpmSampler(schedule, true), steps);
        try (Scope scope = Scope.on(backend)) {
            Tensor x = new ReverseProcess(model, first, 1).draw(scope, images, 0, listener);
            for (float v : x.toFloats()) {
                if (!Float.isFinite(v)) {
                    throw new IllegalStateException("sampling gave " + v);
                }
            }
        }
    }
}
