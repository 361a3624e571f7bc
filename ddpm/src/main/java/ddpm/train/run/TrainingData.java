package ddpm.train.run;

import ddpm.config.ImageSize;
import ddpm.data.DataSpec;
import ddpm.data.Fingerprint;
import ddpm.data.ImageSet;
import ddpm.data.PixelMoments;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.data.source.MnistOrGlyphs;
import ddpm.diffusion.LossScale;
import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.TrainingTable;
import ddpm.engine.disk.PathText;
import ddpm.evaluate.QuickJudge;
import ddpm.terminal.Progress;
import ddpm.train.settings.RunConfig;
import ddpm.train.settings.TrainConfig;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** The images of a training until the device has them, and what is said about them. */
final class TrainingData {
    private final RunConfig config;
    private final String notice;
    private final String description;
    private final DataOfRun identity;
    private final PixelMoments moments;
    private final Optional<TintDrift> tints;
    private final DataSpec spec;
    private final DataEnvironment environment;
    private ImageSet images;

    /** @param spec where the images lie */
    private TrainingData(
            RunConfig config,
            ImageSet images,
            String notice,
            DataOfRun identity,
            DataSpec spec,
            DataEnvironment environment) {
        this.config = config;
        this.images = images;
        this.notice = notice;
        this.identity = identity;
        this.spec = spec;
        this.environment = environment;
        this.description = images.describe();
        this.moments = PixelMoments.of(images, config.data().flip());
        this.tints = TintDrift.of(images);
    }

    /** The run with what was found: source, size and channels. */
    RunConfig config() {
        return config;
    }

    /** What the user must be told of the source; null where there is nothing. */
    String notice() {
        return notice;
    }

    /** As {@link ImageSet#describe}. */
    String describe() {
        return description;
    }

    /** What previews are to be compared with; empty for grey images. */
    Optional<TintDrift> tints() {
        return tints;
    }

    /** What a loss on these images is to be measured by, as a line for the user. */
    String lossScale() {
        ObjectiveConfig o = config.objective();
        TrainingTable table = TrainingTable.of(config.diffusion().schedule(), o.prediction(), o.weighting(), o.times());
        String line = LossScale.of(table, moments.square(), moments.variance()).describe();
        return o.learned() ? line + " (the bound is added)" : line;
    }

    /** What the images are and where they lie; null for a dry run, which may have none. */
    DataOfRun identity() {
        return identity;
    }

    /** The images, once: this object does not keep them from being collected, unless a {@link #judge} needs them. */
    ImageSet take() {
        ImageSet taken = images;
        if (config.train().evaluateEvery() == 0) {
            images = null;
        }
        return taken;
    }

    /**
     * What judges drawn images on the way, made from the images, which are let go; empty where no evaluations are wanted.
     *
     * @param say takes lines for the user   @param lessons shows the steps in which a network is taught
     */
    Optional<QuickJudge> judge(Consumer<String> say, IntFunction<Progress> lessons) {
        TrainConfig train = config.train();
        if (train.evaluateEvery() == 0) {
            return Optional.empty();
        }
        ImageSet taken = images;
        images = null;
        return Optional.of(QuickJudge.of(taken, spec, train.evaluateCount(), environment, say, lessons));
    }

    /** @param place where to look for the images; null for where the settings say */
    static TrainingData load(RunConfig asked, String place, DataEnvironment environment) {
        if (asked.data().source() == null) {
            MnistOrGlyphs found = DataSources.mnistOrGlyphs(asked.dataSpec(), environment);
            return of(asked.withSource(found.source()), found.source(), found.images(), found.notice(), environment);
        }
        RunConfig there = place == null ? asked : asked.withSource(place);
        return of(there, asked.data().source(), DataSources.load(there.dataSpec(), environment), null, environment);
    }

    /** What {@link #load} would give, for a dry run: downloads nothing and writes nothing. */
    static TrainingData forecast(RunConfig asked, String place, DataEnvironment environment) {
        RunConfig named = asked.data().source() == null ? asked.withSource("mnist") : asked;
        RunConfig there = place == null ? named : named.withSource(place);
        ImageSet images = DataSources.withoutDownload(there.dataSpec(), environment);
        return new TrainingData(fitted(named, images), images, null, null, there.dataSpec(), environment);
    }

    /** @param source what the run calls the place of the images, which {@code config} names as it is now */
    private static TrainingData of(
            RunConfig config, String source, ImageSet images, String notice, DataEnvironment environment) {
        String at = DataSources.location(config.data().source(), environment)
                .map(PathText::of)
                .orElse(null);
        RunConfig fitted = fitted(config, images);
        return new TrainingData(
                fitted.withSource(source),
                images,
                notice,
                new DataOfRun(Fingerprint.of(images), at),
                fitted.dataSpec(),
                environment);
    }

    private static RunConfig fitted(RunConfig config, ImageSet images) {
        return config.forImages(images.channels(), new ImageSize(images.height(), images.width()))
                .forClasses(images.classes());
    }
}
