package ddpm.bench;

import ddpm.config.ImageSize;
import ddpm.data.ImageSet;
import ddpm.engine.backend.Backend;
import ddpm.engine.profile.Profile;
import ddpm.engine.profile.Profiler;
import ddpm.engine.profile.Span;
import ddpm.train.Trainer;
import ddpm.train.settings.RunConfig;
import java.util.List;
import java.util.SplittableRandom;

/** A preset's training on images of random bytes: what a step costs does not depend on what they show. */
final class SyntheticTraining implements AutoCloseable {
    private static final int BATCHES = 4;

    private final Backend real;
    private final Profiler profiler;
    private final Backend backend;
    private final Trainer trainer;

    SyntheticTraining(Workload workload) {
        this(workload, false);
    }

    /** @param counted whether {@link #work} will be asked for, which costs time in every call of the backend */
    SyntheticTraining(Workload workload, boolean counted) {
        RunConfig config = workload.config();
        this.real = workload.open();
        this.profiler = new Profiler(real);
        this.backend = counted ? profiler.backend() : real;
        this.trainer = new Trainer(config, backend, noise(config, BATCHES * workload.batch()));
    }

    private static ImageSet noise(RunConfig config, int count) {
        ImageSize size = config.model().imSize();
        int channels = config.model().imChannels();
        byte[][] images = new byte[count][size.height() * size.width() * channels];
        SplittableRandom random = new SplittableRandom(1);
        for (byte[] image : images) {
            random.nextBytes(image);
        }
        return new ImageSet("noise", size.height(), size.width(), channels, images, List.of());
    }

    Backend backend() {
        return backend;
    }

    Trainer trainer() {
        return trainer;
    }

    /** What a step has to do. */
    Work work(Runnable step) {
        Profile profile = profiler.measure(step);
        double flop = profile.operations().stream().mapToDouble(Span::flops).sum();
        double bytes = profile.operations().stream().mapToDouble(Span::bytes).sum();
        return new Work(flop, bytes);
    }

    double step() {
        return steps(1);
    }

    /**
     * Whole training steps, waited for: batch, noise, forward, backward, Adam, average.
     *
     * @return the last loss
     * @throws ddpm.engine.optim.NotFiniteException on NaN
     */
    double steps(int count) {
        double loss = Double.NaN;
        int done = 0;
        while (done < count) {
            List<Trainer.Result> results = trainer.next(count - done);
            done += results.size();
            loss = results.get(results.size() - 1).loss();
        }
        backend.synchronize();
        return loss;
    }

    @Override
    public void close() {
        trainer.close();
        real.close();
    }
}
