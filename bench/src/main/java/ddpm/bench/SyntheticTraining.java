package ddpm.bench;

import ddpm.DeviceChoice;
import ddpm.Devices;
import ddpm.data.ImageSet;
import ddpm.engine.backend.Backend;
import ddpm.train.ConfigLoader;
import ddpm.train.RunConfig;
import ddpm.train.Trainer;
import java.util.List;
import java.util.SplittableRandom;

/** A preset's training on images of random bytes: what a step costs does not depend on what they show. */
final class SyntheticTraining implements AutoCloseable {
    private static final int BATCHES = 4;

    private final Backend backend;
    private final Trainer trainer;

    SyntheticTraining(String preset, int batch, String precision) {
        RunConfig config = config(preset, batch, precision);
        this.backend = Devices.open(DeviceChoice.CPU, config.train().precision());
        this.trainer = new Trainer(config, backend, noise(config, BATCHES * batch));
    }

    static RunConfig config(String preset, int batch, String precision) {
        RunConfig preferred = new ConfigLoader(preset)
                .set(List.of("train.batch=" + batch, "train.steps=1000000", "train.precision=" + precision))
                .load();
        return preferred.forImages(
                preferred.model().imChannels(), preferred.model().imSize());
    }

    private static ImageSet noise(RunConfig config, int count) {
        int height = config.model().imSize().height();
        int width = config.model().imSize().width();
        int channels = config.model().imChannels();
        byte[][] images = new byte[count][height * width * channels];
        SplittableRandom random = new SplittableRandom(1);
        for (byte[] image : images) {
            random.nextBytes(image);
        }
        return new ImageSet("noise", height, width, channels, images, List.of());
    }

    Trainer trainer() {
        return trainer;
    }

    /** One whole training step: batch, noise, forward, backward, Adam, average. @throws IllegalStateException on NaN */
    double step() {
        double loss = trainer.next(1).get(0).loss();
        backend.synchronize();
        if (!Double.isFinite(loss)) {
            throw new IllegalStateException("the loss is " + loss);
        }
        return loss;
    }

    @Override
    public void close() {
        trainer.close();
        backend.close();
    }
}
