package ddpm.data.cache;

import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.data.Fingerprint;
import ddpm.data.Images;
import ddpm.data.PixelSum;
import ddpm.data.Rejected;
import ddpm.data.Remark;
import ddpm.engine.disk.MappedFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * Decoded images on disk.
 *
 * <pre>
 * 0     8 bytes  "ddpmimg1"
 * 8     int64    bytes of pixels        16  int64  bytes of details
 * 24    int64    checksum of details    32  zeros
 * 4096  pixels   [images,H,W,C], then details: JSON in UTF-8, see Details
 * </pre>
 *
 * Numbers are big-endian. Runs of zeros among the pixels may be holes.
 */
final class CacheFile {
    static final int PIXELS_AT = 4096;

    static final long MAGIC =
            ByteBuffer.wrap("ddpmimg1".getBytes(StandardCharsets.US_ASCII)).getLong();
    static final int HEADER_BYTES = 32;

    private static final ObjectMapper JSON = new ObjectMapper();

    private CacheFile() {}

    /**
     * What else is known of the images.
     *
     * @param key of the source they were made from
     * @param checksum {@link Fingerprint#checksum} of the pixels
     */
    record Details(
            String key,
            int height,
            int width,
            int channels,
            int count,
            String checksum,
            List<String> files,
            List<Rejected> rejected,
            List<String> own,
            Map<Remark, Integer> remarks) {}

    static byte[] toJson(Details details) throws IOException {
        return JSON.writeValueAsString(details).getBytes(StandardCharsets.UTF_8); // a name need not be UTF-8
    }

    static ByteBuffer header(long pixelBytes, byte[] details) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .putLong(MAGIC)
                .putLong(pixelBytes)
                .putLong(details.length)
                .putLong(PixelSum.of(details, details.length))
                .flip();
    }

    /** Images that are whole. */
    record Opened(Details details, Images pixels) {}

    /**
     * Maps the images in {@code file} and reads every byte of them.
     *
     * @param key of the source, which the file must be of
     * @throws IOException when it cannot be read, or its message says what is wrong with the file
     */
    static Opened open(Path file, String key) throws IOException {
        Details details = details(file);
        int length = details.height() * details.width() * details.channels();
        MappedFile mapped = MappedFile.open(file, PIXELS_AT, (long) details.count() * length);
        long[] sums =
                Fingerprint.sums(details.count(), length, (i, image) -> mapped.get((long) i * length, image, length));
        String found =
                Fingerprint.checksum(details.height(), details.width(), details.channels(), sums, details.count());
        if (!details.key().equals(key) || !found.equals(details.checksum())) {
            throw new IOException("its pixels are not those that were written");
        }
        Images pixels = new Images.Mapped(mapped, length, sums);
        return new Opened(details, pixels);
    }

    private static Details details(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer header = read(channel, 0, HEADER_BYTES);
            long pixelBytes = header.getLong(8);
            long detailsBytes = header.getLong(16);
            if (header.getLong(0) != MAGIC || pixelBytes < 0 || detailsBytes < 0 || detailsBytes > Integer.MAX_VALUE) {
                throw new IOException("its header is damaged");
            }
            if (channel.size() != PIXELS_AT + pixelBytes + detailsBytes) {
                throw new EOFException("it is cut short");
            }
            byte[] json =
                    read(channel, PIXELS_AT + pixelBytes, (int) detailsBytes).array();
            if (PixelSum.of(json, json.length) != header.getLong(24)) {
                throw new IOException("its details are damaged");
            }
            return JSON.readValue(json, Details.class);
        }
    }

    private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new EOFException("it is cut short");
            }
        }
        return bytes;
    }
}
