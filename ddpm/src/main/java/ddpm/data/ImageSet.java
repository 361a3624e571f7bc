package ddpm.data;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Decoded 8-bit images of one size, held in memory.
 *
 * @param name     where they come from, for the user: {@code /data/mnist (train-images-idx3-ubyte.gz)}
 * @param height   pixels
 * @param width    pixels
 * @param channels 1 (grey) or 3 (RGB)
 * @param images   {@code images[i]} is [H,W,C] row-major, 0..255 as unsigned bytes; shared, not copied
 * @param rejected files that were skipped
 */
public record ImageSet(String name, int height, int width, int channels, byte[][] images, List<Rejected> rejected) {
    private static final int NAMED = 3;

    public ImageSet {
        rejected = List.copyOf(rejected);
        if (channels != 1 && channels != 3) {
            throw new DataException(name + ": images have " + channels + " channels; 1 or 3 are supported");
        }
        int bytes = height * width * channels;
        for (int i = 0; i < images.length; i++) {
            if (images[i].length != bytes) {
                throw new DataException(name + ": image " + i + " holds " + images[i].length + " bytes, but " + height
                        + "x" + width + "x" + channels + " needs " + bytes);
            }
        }
    }

    public int count() {
        return images.length;
    }

    /** Bytes of pixels held. */
    public long bytes() {
        return (long) images.length * height * width * channels;
    }

    /** One line for the user: count, size, source, bytes; and a second one naming rejected files, where there are. */
    public String describe() {
        String found = String.format(
                Locale.ROOT,
                "%,d image%s %dx%dx%d from %s, %s",
                count(),
                count() == 1 ? "" : "s",
                height,
                width,
                channels,
                name,
                ByteCount.text(bytes()));
        return rejected.isEmpty() ? found : found + "\n" + describe(rejected);
    }

    /** "3 files rejected: a.png (why), b.jpg (why), c.gif (why)", at most three of them named. */
    static String describe(List<Rejected> rejected) {
        String named = rejected.stream()
                .limit(NAMED)
                .map(r -> r.file() + " (" + r.reason() + ")")
                .collect(Collectors.joining(", "));
        String more = rejected.size() > NAMED ? " and " + (rejected.size() - NAMED) + " more" : "";
        return String.format(
                Locale.ROOT,
                "%,d file%s rejected: %s%s",
                rejected.size(),
                rejected.size() == 1 ? "" : "s",
                named,
                more);
    }
}
