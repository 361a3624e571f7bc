package ddpm.bench;

import ddpm.config.ImageSize;
import ddpm.data.ImageSet;
import ddpm.engine.backend.Backend;
import ddpm.train.RunConfig;
import ddpm.train.Trainer;
import java.util.List;
import java.util.SplittableRandom;

/** A preset's training on images of random bytes: what a step costs does not depend on what they show. */
final class SyntheticTraining implements AutoCloseable {
    private static final int BATCHES = 4;

    private final Backend backend;
    private final Trainer trainer;

    SyntheticTraining(Workload workload) {
        RunConfig config = workload.config();
        this.backend = workload.open();
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
        backend.close();
    }
}
