package ddpm.data;

import ddpm.DataException;
import ddpm.Printable;
import ddpm.disk.ByteCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Decoded 8-bit images of one size.
 *
 * @param name     where they come from, for the user: {@code /data/mnist (train-images-idx3-ubyte.gz)}
 * @param height   pixels
 * @param width    pixels
 * @param channels 1 (grey) or 3 (RGB)
 * @param pixels   in memory, or in a file where they are too many
 * @param files    the file of each image, relative to the folder; empty where they are not of a folder of images
 * @param rejected files that were skipped
 * @param notes    what else is to be said of how they were read
 * @param classes  what they show, where that is known
 */
public record ImageSet(
        String name,
        int height,
        int width,
        int channels,
        Images pixels,
        List<String> files,
        List<Rejected> rejected,
        ReadNotes notes,
        Classes classes) {
    private static final int NAMED = 3;

    /**
     * Images in memory that are of no folder, and of which nothing is to be said but what was rejected.
     *
     * @param images shared, not copied
     */
    public ImageSet(String name, int height, int width, int channels, byte[][] images, List<Rejected> rejected) {
        this(
                name,
                height,
                width,
                channels,
                new Images.InMemory(images),
                List.of(),
                rejected,
                ReadNotes.NONE,
                Classes.UNKNOWN);
    }

    public ImageSet {
        name = Printable.text(name);
        files = List.copyOf(files);
        rejected = List.copyOf(rejected);
        if (channels != 1 && channels != 3) {
            throw new DataException(name + ": images have " + channels + " channels; 1 or 3 are supported");
        }
        if (classes.known() && classes.of().length != pixels.count()) {
            throw new DataException(name + ": " + classes.of().length + " labels for " + pixels.count()
                    + " images; they must be as many");
        }
        if (pixels instanceof Images.InMemory memory) {
            byte[][] images = memory.arrays();
            int bytes = height * width * channels;
            for (int i = 0; i < images.length; i++) {
                if (images[i].length != bytes) {
                    throw new DataException(name + ": image " + i + " holds " + images[i].length + " bytes, but "
                            + height + "x" + width + "x" + channels + " needs " + bytes);
                }
            }
        }
    }

    public ImageSet withNotes(ReadNotes other) {
        return new ImageSet(name, height, width, channels, pixels, files, rejected, other, classes);
    }

    /** The same images, and what they show. */
    public ImageSet withClasses(Classes other) {
        return new ImageSet(name, height, width, channels, pixels, files, rejected, notes, other);
    }

    public int count() {
        return pixels.count();
    }

    /** Bytes of an image. */
    public int length() {
        return height * width * channels;
    }

    /** Bytes of pixels. */
    public long bytes() {
        return (long) count() * length();
    }

    /** All images as arrays: those that are held, copies where the pixels are in a file. */
    public byte[][] images() {
        if (pixels instanceof Images.InMemory memory) {
            return memory.arrays();
        }
        return IntStream.range(0, count())
                .mapToObj(i -> {
                    byte[] image = new byte[length()];
                    pixels.copy(i, image, 0);
                    return image;
                })
                .toArray(byte[][]::new);
    }

    /**
     * For the user: a line with count, size, source and bytes; where there is more to say of the files, a second one with
     * all of it; the notes.
     */
    public String describe() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%,d image%s %dx%dx%d from %s, %s",
                count(),
                count() == 1 ? "" : "s",
                height,
                width,
                channels,
                name,
                ByteCount.text(bytes())));
        List<String> more = new ArrayList<>();
        if (!rejected.isEmpty()) {
            more.add(describe(rejected));
        }
        more.addAll(notes.phrases());
        if (classes.known()) {
            more.add(String.format(
                    Locale.ROOT, "labels of %,d classes", classes.names().size()));
        }
        if (!notes.leftOut().isEmpty()) {
            more.add("left out: " + notes.kinds());
        }
        if (!more.isEmpty()) {
            lines.add(String.join("; ", more));
        }
        lines.addAll(notes.lines());
        return String.join("\n", lines);
    }

    /** "3 files rejected: a.png (why), b.jpg (why), c.gif (why)", at most three of them named. */
    public static String describe(List<Rejected> rejected) {
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
