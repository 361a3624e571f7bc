package ddpm.sample;

import java.nio.file.Path;

/** What is asked for beside images from noise; at most one of these. */
public sealed interface EditRequest {
    /** Images from noise. */
    EditRequest NONE = new FromNoise();

    /** Whether fresh noise in the steps would hide what is asked for: a sampler that can do without does. */
    default boolean still() {
        return this instanceof Interpolate || this instanceof Invert || this instanceof GivenNoise;
    }

    /** As every drawing. */
    record FromNoise() implements EditRequest {}

    /**
     * {@code --from}: variations of an image.
     *
     * @param strength 0 is the image, 1 noise
     */
    record FromImage(Path image, double strength) implements EditRequest {}

    /**
     * {@code --inpaint}: an image with a part drawn anew.
     *
     * @param mask white where it is drawn
     * @param times that each step is done; null for what the sampler allows
     */
    record Inpaint(Path image, Path mask, Integer times) implements EditRequest {}

    /** {@code --interpolate}: from the image of one seed to that of another. */
    record Interpolate(long from, long to) implements EditRequest {}

    /**
     * {@code --invert}: the noise of an image, and the image that is drawn from it.
     *
     * @param noise file for the noise; null: not kept
     */
    record Invert(Path image, Path noise) implements EditRequest {}

    /** {@code --noise}: images from the noise in a file. */
    record GivenNoise(Path file) implements EditRequest {}

    /** {@code --seeds}: image 0 of each seed in a file. */
    record Seeds(Path file) implements EditRequest {}
}
