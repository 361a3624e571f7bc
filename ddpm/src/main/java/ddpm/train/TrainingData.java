package ddpm.train;

import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataConfig;
import ddpm.data.DataEnvironment;
import ddpm.data.DataSources;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.MnistOrGlyphs;

/** The images of a training until the device has them, and what is said about them. */
final class TrainingData {
    private final RunConfig config;
    private final String notice;
    private final String description;
    private ImageSet images;

    private TrainingData(RunConfig config, ImageSet images, String notice) {
        this.config = config;
        this.images = images;
        this.notice = notice;
        this.description = images.describe();
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

    /** The images, once: this object does not keep them from being collected. */
    ImageSet take() {
        ImageSet taken = images;
        images = null;
        return taken;
    }

    static TrainingData load(RunConfig asked, DataEnvironment environment) {
        if (asked.data().source() == null) {
            MnistOrGlyphs found = DataSources.mnistOrGlyphs(spec(asked), environment);
            return of(asked.withSource(found.source()), found.images(), found.notice());
        }
        return of(asked, DataSources.load(spec(asked), environment), null);
    }

    /** What {@link #load} would give, for a dry run: downloads nothing. */
    static TrainingData forecast(RunConfig asked, DataEnvironment environment) {
        RunConfig named = asked.data().source() == null ? asked.withSource("mnist") : asked;
        return of(named, DataSources.withoutDownload(spec(named), environment), null);
    }

    private static DataSpec spec(RunConfig config) {
        DataConfig data = config.data();
        return new DataSpec(
                data.source() == null ? "mnist" : data.source(),
                Channels.parse(data.channels()),
                data.imageSize().orElse(null),
                config.seed(),
                0);
    }

    private static TrainingData of(RunConfig config, ImageSet images, String notice) {
        RunConfig fitted = config.forImages(images.channels(), new ImageSize(images.height(), images.width()));
        return new TrainingData(fitted, images, notice);
    }
}
