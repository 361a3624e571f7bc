package ddpm.disk;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** A file on disk, plain or packed with gzip; the content decides, not the name. */
public final class Packed {
    /** Deflate cannot pack tighter than 1032:1, so a header that promises more is lying. */
    private static final long MOST_DEFLATED = 1032;

    private Packed() {}

    /** The unpacked content. */
    public static InputStream open(Path file) throws IOException {
        InputStream raw = Files.newInputStream(file);
        try {
            return isGzip(file) ? new GZIPInputStream(raw, 1 << 16) : new BufferedInputStream(raw, 1 << 16);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    /** Bytes that the unpacked file can hold at most; exact for a plain file. */
    public static long mostBytes(Path file) throws IOException {
        long size = Files.size(file);
        return isGzip(file) ? size * MOST_DEFLATED : size;
    }

    public static boolean isGzip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == 0x1f && in.read() == 0x8b;
        }
    }
}
