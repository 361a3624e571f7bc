package ddpm.engine.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A range of a file as memory, read-only: the system reads its pages when they are looked at and drops them when it needs
 * the room, so it may be larger than the machine's memory. It is cut into several mappings, since one cannot hold 2 GiB.
 *
 * <p>The mappings end when nobody refers to this object any more. The file may be deleted meanwhile where the system allows
 * that; it must not be cut. Safe for many threads.
 */
public final class MappedFile {
    private static final int SEGMENT_BITS = 30;

    private final ByteBuffer[] segments;
    private final long bytes;
    private final int segmentBits;

    private MappedFile(ByteBuffer[] segments, long bytes, int segmentBits) {
        this.segments = segments;
        this.bytes = bytes;
        this.segmentBits = segmentBits;
    }

    /**
     * Maps {@code bytes} bytes of {@code file} from {@code from} on.
     *
     * @throws IOException when the file cannot be read, or holds fewer
     */
    public static MappedFile open(Path file, long from, long bytes) throws IOException {
        return open(file, from, bytes, SEGMENT_BITS);
    }

    /** @param segmentBits binary logarithm of the bytes of a mapping, for tests */
    static MappedFile open(Path file, long from, long bytes, int segmentBits) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() < from + bytes) { // mapping more would end in a fault when it is read
                throw new IOException("holds " + channel.size() + " bytes, fewer than " + (from + bytes));
            }
            long segment = 1L << segmentBits;
            ByteBuffer[] segments = new ByteBuffer[Math.toIntExact((bytes + segment - 1) >> segmentBits)];
            for (int i = 0; i < segments.length; i++) {
                long at = i * segment;
                segments[i] = channel.map(MapMode.READ_ONLY, from + at, Math.min(segment, bytes - at));
            }
            return new MappedFile(segments, bytes, segmentBits);
        }
    }

    /** Bytes of the range. */
    public long bytes() {
        return bytes;
    }

    /** Copies {@code length} bytes from {@code at} on to the start of {@code into}. */
    public void get(long at, byte[] into, int length) {
        get(at, into, 0, length);
    }

    /** Copies {@code length} bytes from {@code at} on to {@code into}, from its index {@code offset} on. */
    public void get(long at, byte[] into, int offset, int length) {
        if (at < 0 || length < 0 || at + length > bytes) {
            throw new IndexOutOfBoundsException(length + " bytes at " + at + " of " + bytes);
        }
        long mask = (1L << segmentBits) - 1;
        for (int done = 0; done < length; ) {
            ByteBuffer segment = segments[(int) ((at + done) >> segmentBits)];
            int within = (int) ((at + done) & mask);
            int part = Math.min(length - done, segment.limit() - within);
            segment.get(within, into, offset + done, part);
            done += part;
        }
    }
}
