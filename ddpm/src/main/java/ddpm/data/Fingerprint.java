package ddpm.data;

import ddpm.disk.Checksum;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a set of images is, whatever it is called and wherever it lies: the pixels in their order. Two sets of the same
 * fingerprint train in the same way, bit for bit.
 */
public final class Fingerprint {
    private static final int BYTES = 16;
    /** Images summed by one task, which needs a buffer. */
    private static final int BLOCK = 1024;

    private final int height;
    private final int width;
    private final int channels;
    private final int count;
    private final String checksum;
    private final List<String> files;
    private final long[] sums;
    private final String labels; // null where they were not noted

    /**
     * One that was written down.
     *
     * @param files of the images, empty where they are of no folder
     * @param sums of the images in {@code files}
     * @param labels {@link Classes#checksum} of what the images show; null where that was not noted
     */
    public Fingerprint(
            int height,
            int width,
            int channels,
            int count,
            String checksum,
            List<String> files,
            long[] sums,
            String labels) {
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.count = count;
        this.checksum = checksum;
        this.files = List.copyOf(files);
        this.sums = sums;
        this.labels = labels;
    }

    /** Reads all pixels, unless that was done when they were opened. */
    public static Fingerprint of(ImageSet set) {
        long[] sums = set.pixels() instanceof Images.Mapped mapped
                ? mapped.sums()
                : sums(set.count(), set.length(), (i, image) -> set.pixels().copy(i, image, 0));
        String checksum = checksum(set.height(), set.width(), set.channels(), sums, sums.length);
        return new Fingerprint(
                set.height(),
                set.width(),
                set.channels(),
                sums.length,
                checksum,
                set.files(),
                sums,
                set.classes().checksum());
    }

    /** Where the bytes of image {@code i} are copied from. */
    public interface Reader {
        void copy(int i, byte[] into);
    }

    /** {@link PixelSum} of each of {@code count} images of {@code length} bytes. */
    public static long[] sums(int count, int length, Reader images) {
        long[] sums = new long[count];
        IntStream.range(0, (count + BLOCK - 1) / BLOCK).parallel().forEach(b -> {
            byte[] image = new byte[length];
            for (int i = b * BLOCK; i < Math.min(count, (b + 1) * BLOCK); i++) {
                images.copy(i, image);
                sums[i] = PixelSum.of(image, length);
            }
        });
        return sums;
    }

    /** Over the geometry and the first {@code count} images. */
    public static String checksum(int height, int width, int channels, long[] sums, int count) {
        MessageDigest sha = Checksum.sha256();
        sha.update(ByteBuffer.allocate(12)
                .putInt(height)
                .putInt(width)
                .putInt(channels)
                .flip());
        ByteBuffer one = ByteBuffer.allocate(Long.BYTES);
        for (int i = 0; i < count; i++) {
            sha.update(one.clear().putLong(sums[i]).flip());
        }
        return HexFormat.of().formatHex(sha.digest(), 0, BYTES);
    }

    public int height() {
        return height;
    }

    public int width() {
        return width;
    }

    public int channels() {
        return channels;
    }

    /** Images. */
    public int count() {
        return count;
    }

    /** Of all pixels in their order, 32 hexadecimal digits. */
    public String checksum() {
        return checksum;
    }

    /** Of the images, in their order; empty where they are of no folder. */
    public List<String> files() {
        return files;
    }

    /** Checksum of one image. */
    public long sum(int i) {
        return sums[i];
    }

    /** {@link Classes#checksum} of what the images show; null where that was not noted. */
    public String labels() {
        return labels;
    }

    /** Whether both note labels, and not the same ones. */
    public boolean hasOtherLabels(Fingerprint other) {
        return labels != null && other.labels != null && !labels.equals(other.labels);
    }

    /** Whether the images are the same, in the same order. */
    public boolean isSame(Fingerprint other) {
        return count == other.count && checksum.equals(other.checksum);
    }

    /** Whether these images begin with all those of {@code other}, which has fewer. */
    boolean beginsWith(Fingerprint other) {
        return sums.length == count
                && other.count < count
                && checksum(other.height, other.width, other.channels, sums, other.count)
                        .equals(other.checksum);
    }

    @Override
    public String toString() {
        return count + " images " + height + "x" + width + "x" + channels + ", checksum " + checksum;
    }
}
