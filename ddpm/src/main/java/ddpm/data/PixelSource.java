package ddpm.data;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** A source whose images are too many for memory: it gives them one after the other. */
public interface PixelSource {
    /** Bytes that a block of images decoded side by side may take. */
    long BLOCK_BYTES = 64 << 20;

    /** Of the resulting set, for the user. */
    String name();

    /** A checksum of what the images are made from, and how: every byte of the files is read. */
    String key();

    /** What is to be said of how {@link #forEach} read them. */
    default ReadNotes notes(Kept kept) {
        return ReadNotes.NONE;
    }

    /**
     * What the images show.
     *
     * @param kept of {@link #forEach}
     * @param count images
     * @param notes gets what is to be said of the labels
     */
    default Classes classes(Kept kept, int count, List<String> notes) {
        return Classes.UNKNOWN;
    }

    /** Gives each image to {@code to}, in the order of the set, fitted and converted; grey where it carries no colour. */
    Kept forEach(Consumer<Pixels> to);

    /**
     * What became of the files.
     *
     * @param files of the images, in their order; empty where they are of no folder
     * @param rejected as {@link ImageSet#rejected}
     * @param own pictures that the program itself drew, left out
     * @param remarks how many images each of these befell
     */
    record Kept(List<String> files, List<Rejected> rejected, List<String> own, Map<Remark, Integer> remarks) {
        public static final Kept ALL = new Kept(List.of(), List.of(), List.of(), Map.of());
    }

    /** Makes image 0 .. count - 1 in parallel, block by block, and gives them on in their order. */
    static <T> void inOrder(int count, long bytesOfOne, IntFunction<T> make, Consumer<T> to) {
        int block = (int) Math.max(1, Math.min(4096, BLOCK_BYTES / Math.max(1, bytesOfOne)));
        for (int from = 0; from < count; from += block) {
            IntStream.range(from, Math.min(count, from + block))
                    .parallel()
                    .mapToObj(make)
                    .toList()
                    .forEach(to);
        }
    }
}
