package ddpm.data;

import ddpm.DataException;
import ddpm.config.ImageSize;
import java.util.Objects;

/**
 * What {@code --data} and its companions say.
 *
 * @param source   {@code mnist}, {@code glyphs}, {@code textures}, or a path to a folder or an IDX file
 * @param channels {@code --channels}
 * @param size     {@code --size}; null leaves the images as they are (28x28 for glyphs, 32x32 for textures)
 * @param seed     of the built-in sources; the others have nothing random
 * @param count    images to draw from a built-in source; 0 takes its default (60,000 glyphs, 4,096 textures).
 *                 Ignored by the others, which always give everything they hold
 */
public record DataSpec(String source, Channels channels, ImageSize size, long seed, int count) {
    /** What a source can be, for messages. */
    public static final String ACCEPTED =
            "accepted are mnist, glyphs, textures, a folder of PNG, JPEG, GIF, BMP, WebP or TIFF"
                    + " images, a folder with an MNIST-style file ...-images-idx3-ubyte[.gz], or the path of such a file";

    public DataSpec {
        Objects.requireNonNull(channels, "channels");
        if (source == null || source.isBlank()) {
            throw new DataException("no data source given; " + ACCEPTED);
        }
        if (count < 0) {
            throw new DataException("data count " + count + " is negative; give a positive number of images");
        }
    }

    /** The source as found: channels auto, its own size, seed 0, its default count. */
    public static DataSpec of(String source) {
        return new DataSpec(source, Channels.AUTO, null, 0, 0);
    }

    public DataSpec withSource(String newSource) {
        return new DataSpec(newSource, channels, size, seed, count);
    }

    public DataSpec withChannels(Channels newChannels) {
        return new DataSpec(source, newChannels, size, seed, count);
    }

    public DataSpec withSize(ImageSize newSize) {
        return new DataSpec(source, channels, newSize, seed, count);
    }

    public DataSpec withSeed(long newSeed) {
        return new DataSpec(source, channels, size, newSeed, count);
    }

    public DataSpec withCount(int newCount) {
        return new DataSpec(source, channels, size, seed, newCount);
    }

    public int countOr(int byDefault) {
        return count == 0 ? byDefault : count;
    }

    public ImageSize sizeOr(int height, int width) {
        return size == null ? new ImageSize(height, width) : size;
    }
}
