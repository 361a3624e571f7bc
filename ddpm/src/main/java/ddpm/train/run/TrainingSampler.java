package ddpm.train.run;

import ddpm.diffusion.Guidance;
import ddpm.diffusion.reverse.Observer;
import ddpm.picture.Drawn;
import ddpm.sample.ClassChoice;
import ddpm.sample.ImageSampler;
import ddpm.train.Trainer;
import ddpm.train.settings.RunConfig;
import java.util.concurrent.CancellationException;

/**
 * Draws with the averaged weights that a training has now; always from the same noise, so that the images of two steps
 * compare.
 */
record TrainingSampler(Trainer trainer, StopRequest stop) {
    /**
     * Images of some classes.
     *
     * @param choice how many and of which classes; null for {@code count} of a model without classes
     * @throws CancellationException once a stop is asked for: at 50 steps for 64 images it may take a minute
     */
    Drawn draw(int count, ClassChoice choice) {
        RunConfig c = trainer.config();
        ImageSampler sampler = new ImageSampler(
                trainer.backend(),
                trainer.trained(),
                choice == null ? ImageSampler.Told.NOTHING : new ImageSampler.Told(choice.labels(), Guidance.NONE),
                c.sample(),
                c.seed(),
                c.model().imSize(),
                c.model().imChannels());
        return trainer.averaged(() ->
                sampler.draw(choice == null ? count : choice.count(), c.train().batch(), giveUp()));
    }

    private Observer giveUp() {
        return moment -> {
            if (stop.requested()) {
                throw new CancellationException();
            }
        };
    }
}
