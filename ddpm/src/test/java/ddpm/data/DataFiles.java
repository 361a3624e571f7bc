package ddpm.data;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.DataException;
import ddpm.data.fetch.DownloadProgress;
import ddpm.data.fetch.RemoteFile;
import ddpm.data.source.DataEnvironment;
import ddpm.disk.Checksum;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.function.Executable;

/** Small data files, environments and checks that the tests of this package share. */
public final class DataFiles {
    private DataFiles() {}

    /** An IDX image file whose pixel k of image i is (7 i + k) mod 256. */
    public static byte[] idx(int count, int rows, int columns) {
        ByteBuffer file = header(2051, count, rows, columns, count * rows * columns);
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < rows * columns; k++) {
                file.put((byte) (7 * i + k));
            }
        }
        return file.array();
    }

    /** A header with any lies in it, and room for {@code body} bytes of zeros. */
    public static ByteBuffer header(int magic, int count, int rows, int columns, int body) {
        return ByteBuffer.allocate(16 + body)
                .putInt(magic)
                .putInt(count)
                .putInt(rows)
                .putInt(columns);
    }

    public static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, bytes), "no writer for " + format);
        return bytes.toByteArray();
    }

    public static Path write(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    /** A picture of a smooth ramp, red and blue rising, green falling; grey where {@code type} is. */
    public static BufferedImage ramp(int height, int width, int type) {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int v = 255 * (x + y) / (height + width - 2);
                int[] pixel = {v, image.getRaster().getNumBands() == 1 ? v : 255 - v, v / 2, 255};
                image.getRaster().setPixel(x, y, pixel);
            }
        }
        return image;
    }

    /** No variables, no network, a home folder of its own, silent, 1 GB for images. */
    public static DataEnvironment environment(Path home) {
        return environment(Map.of(), home, List.of(), List.of());
    }

    public static DataEnvironment environment(
            Map<String, String> variables, Path home, List<RemoteFile> files, List<URI> mirrors) {
        return new DataEnvironment(
                variables,
                home,
                files,
                mirrors,
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                DownloadProgress.SILENT,
                1_000_000_000);
    }

    public static String sha256(byte[] content) {
        return HexFormat.of().formatHex(Checksum.sha256().digest(content));
    }

    /** sha256 over all images of a set, in their order. */
    public static String sha256(ImageSet set) {
        var sha = Checksum.sha256();
        for (byte[] image : set.images()) {
            sha.update(image);
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    /** Fails unless {@code action} throws a DataException whose message holds every one of {@code parts}. */
    public static DataException assertSays(Executable action, String... parts) {
        DataException e = assertThrows(DataException.class, action);
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
        }
        return e;
    }
}
