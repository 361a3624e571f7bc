package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.fetch.DownloadProgress;
import ddpm.data.fetch.RemoteFile;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.Mirror;
import ddpm.testing.Offline;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ddpm data} from the command line. */
class DataCommandTest {
    private static final String IMAGES = "train-images-idx3-ubyte.gz";

    @TempDir
    Path folder;

    private Path png(String name, int height, int width, int type, int value) throws IOException {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int k = 0; k < height * width * image.getRaster().getNumBands(); k++) {
            int bands = image.getRaster().getNumBands();
            image.getRaster().setSample(k / bands % width, k / bands / width, k % bands, value + k % bands);
        }
        Path file = folder.resolve(name);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private List<String> check(String... options) {
        String[] args = new String[options.length + 3];
        args[0] = "data";
        args[1] = "check";
        args[2] = folder.toString();
        System.arraycopy(options, 0, args, 3, options.length);
        CommandRun done = CommandRun.of(args);
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertEquals("", done.err());
        return done.out().lines().toList();
    }

    @Test
    void checkTellsWhatTrainWouldFind() throws IOException {
        png("a.png", 4, 6, BufferedImage.TYPE_3BYTE_BGR, 10);
        png("b.png", 4, 6, BufferedImage.TYPE_3BYTE_BGR, 200);
        Files.write(folder.resolve("c.png"), new byte[] {1, 2, 3});
        Files.writeString(folder.resolve("d.webp"), "");

        assertEquals(
                List.of(
                        "source    " + folder,
                        "images    2",
                        "size      4x6 (height x width)",
                        "channels  3, RGB",
                        "memory    144 bytes",
                        "pixels    10 to 202, mean 106.0",
                        "classes   none: no labels were found",
                        "rejected  2:",
                        "  c.png: its content is not PNG, JPEG, GIF, BMP, WebP or TIFF",
                        "  d.webp: the file is empty"),
                check());
        assertTrue(check("--channels", "1").contains("channels  1, grey"));
        assertTrue(check("--size", "2x2").contains("size      2x2 (height x width)"));
    }

    @Test
    void checkPointsOutThatThereIsNothingToLearn() throws IOException {
        png("a.png", 4, 4, BufferedImage.TYPE_BYTE_GRAY, 7);
        assertTrue(check().contains("pixels    7 to 7, mean 7.0: every pixel is the same, there is nothing to learn"));
    }

    @Test
    void checkFailsWhereTrainWould() throws IOException {
        png("a.png", 4, 4, BufferedImage.TYPE_BYTE_GRAY, 0);
        png("b.png", 4, 5, BufferedImage.TYPE_BYTE_GRAY, 0);
        CommandRun sizes = CommandRun.of("data", "check", folder.toString());
        assertEquals(ExitCode.FAILURE, sizes.exitCode());
        assertTrue(sizes.err().contains("the images have 2 different sizes"), sizes.err());

        CommandRun empty = CommandRun.of(
                "data", "check", Files.createDirectory(folder.resolve("none")).toString());
        assertEquals(ExitCode.FAILURE, empty.exitCode());
        assertTrue(empty.err().contains("the folder is empty; accepted are"), empty.err());
        assertEquals("", empty.out());
    }

    @Test
    void checkTakesTheBuiltInSetsByName() {
        CommandRun done = CommandRun.of("data", "check", "textures");
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertTrue(done.out().contains("size      32x32"), done.out());
    }

    @Test
    void cleanRemovesDecodedImagesAndNothingElse() throws IOException {
        DataEnvironment here = Offline.environment(folder);
        Path images = folder.resolve(".cache/ddpm/data/images");
        CommandRun none = CommandRun.in(here, "data", "clean");
        assertEquals(new CommandRun(ExitCode.OK, "nothing to remove in " + images + "\n", ""), none);

        Files.createDirectories(images);
        Path one = Files.write(images.resolve("0a.images"), new byte[2000]);
        Path two = Files.write(images.resolve("0b.images"), new byte[1000]);
        Path other = Files.write(images.resolve("notes.txt"), new byte[1]);
        CommandRun dry = CommandRun.in(here, "data", "clean", "--dry-run");
        assertEquals(
                List.of("would remove " + one + ", 2.0 kB", "would remove " + two + ", 1.0 kB", "2 files, 3.0 kB"),
                dry.out().lines().toList());
        assertTrue(Files.exists(one) && Files.exists(two));

        CommandRun done = CommandRun.in(here, "data", "clean");
        assertEquals(
                List.of("removed " + one + ", 2.0 kB", "removed " + two + ", 1.0 kB", "2 files, 3.0 kB"),
                done.out().lines().toList());
        assertTrue(!Files.exists(one) && !Files.exists(two) && Files.exists(other));
        assertTrue(CommandRun.of("data", "--help").out().contains("clean"));
    }

    @Test
    void fetchDownloadsAndSaysWhere() throws IOException {
        byte[] content = ByteBuffer.allocate(16 + 8)
                .putInt(2051)
                .putInt(2)
                .putInt(2)
                .putInt(2)
                .array();
        try (Mirror mirror = new Mirror(Map.of(IMAGES, gzip(content)))) {
            DataEnvironment there = environment(content, List.of(mirror.uri()));
            CommandRun done = CommandRun.in(there, "data", "fetch", "mnist");
            assertEquals(ExitCode.OK, done.exitCode(), done.err());
            Path cache = folder.resolve(".cache/ddpm/data/mnist");
            assertEquals("mnist is in " + cache + "; ddpm train finds it there\n", done.out());
            assertTrue(Files.isRegularFile(cache.resolve(IMAGES)));

            CommandRun check = CommandRun.in(there, "data", "check", "mnist");
            assertTrue(check.out().contains("images    2"), check.out() + check.err());
        }
        Files.delete(folder.resolve(".cache/ddpm/data/mnist").resolve(IMAGES));
        CommandRun failed = CommandRun.in(environment(content, List.of()), "data", "fetch", "mnist");
        assertEquals(ExitCode.FAILURE, failed.exitCode());
        assertTrue(failed.err().contains("cannot download " + IMAGES), failed.err());
        assertEquals(1, failed.err().lines().count());
    }

    private DataEnvironment environment(byte[] content, List<URI> mirrors) {
        return new DataEnvironment(
                Map.of(),
                folder,
                List.of(new RemoteFile(IMAGES, content.length, sha256(content))),
                mirrors,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                DownloadProgress.SILENT,
                1_000_000);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
