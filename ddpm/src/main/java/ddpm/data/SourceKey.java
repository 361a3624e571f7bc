package ddpm.data;

import ddpm.disk.Checksum;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/** The checksum of what decoded images are made from and how, by which a cache file is found. Not safe for threads. */
public final class SourceKey {
    /** Raised whenever images are decoded in another way: files of other versions are then not found. */
    private static final int DECODING = 1;

    private static final int BYTES = 16;

    private final MessageDigest sha = Checksum.sha256();

    /** @param kind of source; others never have the same key */
    public SourceKey(String kind, DataSpec spec) {
        add(DECODING + " " + kind + " " + spec.channels() + " " + spec.size());
    }

    public void add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        add(bytes.length);
        sha.update(bytes);
    }

    public void add(long number) {
        sha.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
    }

    public String text() {
        return HexFormat.of().formatHex(sha.digest(), 0, BYTES);
    }

    /** Checksum of a file's bytes; of the reason where it cannot be read. */
    public static long sum(Path file) {
        PixelSum sum = new PixelSum();
        byte[] block = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                sum.update(block, n);
            }
        } catch (IOException e) {
            byte[] reason = e.toString().getBytes(StandardCharsets.UTF_8);
            sum.update(reason, reason.length);
        }
        return sum.value();
    }
}
