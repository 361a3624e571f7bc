package ddpm.data;

import ddpm.config.ImageSize;
import ddpm.config.MayBeNull;
import ddpm.config.Problems;
import java.util.List;
import java.util.Optional;

/**
 * Where the images come from and how they are prepared, section {@code data} of a configuration.
 *
 * @param source {@code mnist}, {@code glyphs}, {@code textures} or a folder; where null, {@code mnist}, or {@code
 *     glyphs} where MNIST is neither at hand nor reachable
 * @param channels {@code auto} takes the images as they are; {@code 1} and {@code 3} convert to grey and RGB
 * @param size {@code HxW}: images are cropped at the centre and resized to it; where null, they keep their own size
 * @param classes names of the classes, label by label; where null, those that the images have: a run notes what it found
 * @param flip whether a random half of the images is mirrored left to right: not for digits and letters
 */
public record DataConfig(
        @MayBeNull String source,
        String channels,
        @MayBeNull String size,
        @MayBeNull List<String> classes,
        boolean flip) {
    /** What {@code channels} may be. */
    public static final List<String> CHANNELS = List.of("auto", "1", "3");

    public DataConfig {
        classes = classes == null ? null : List.copyOf(classes);
    }

    /** The size to bring images to, or nothing where they keep their own. */
    public Optional<ImageSize> imageSize() {
        return Optional.ofNullable(size).flatMap(ImageSize::parse);
    }

    /** The number of channels to convert to, or nothing where images keep their own. */
    public Optional<Integer> imageChannels() {
        return channels.equals("auto") ? Optional.empty() : Optional.of(Integer.valueOf(channels));
    }

    /** Adds what is wrong to {@code problems}, whose section is that of the data. */
    public void check(Problems problems) {
        if (source != null && source.isBlank()) {
            problems.add("source", "is empty; name a folder, mnist, glyphs or textures");
        }
        problems.oneOf(CHANNELS, "channels", channels);
        if (size != null && imageSize().isEmpty()) {
            problems.add("size", "expected HxW such as 32x32, got \"" + size + "\"");
        }
    }
}
