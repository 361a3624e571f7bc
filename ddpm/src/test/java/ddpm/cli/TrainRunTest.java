package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.ImageSize;
import ddpm.testing.Offline;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ddpm train} says and what it leaves behind, on ten colour pictures of 12x20 and a tiny model. */
@Timeout(120)
class TrainRunTest {
    @TempDir
    Path folder;

    private Path pictures;
    private Path run;

    @BeforeEach
    void draw() throws IOException {
        run = folder.resolve("run");
        pictures = Files.createDirectory(folder.resolve("pictures"));
        for (int i = 0; i < 10; i++) {
            BufferedImage image = new BufferedImage(20, 12, BufferedImage.TYPE_3BYTE_BGR);
            for (int k = 0; k < 20 * 12; k++) {
                image.getRaster().setPixel(k % 20, k / 20, new int[] {k, 20 * i, 255 - k});
            }
            ImageIO.write(image, "png", pictures.resolve("p" + i + ".png").toFile());
        }
    }

    private CommandRun train(String... options) {
        List<String> args = new ArrayList<>(List.of("train", "--out", run.toString(), "--batch", "4"));
        args.addAll(TinyRun.options());
        args.addAll(List.of(options));
        return CommandRun.in(Offline.environment(folder.resolve("home")), args.toArray(String[]::new));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void tellsWhatItFoundBeforeItBegins() throws IOException {
        Files.write(pictures.resolve("bad.png"), new byte[9]);
        CommandRun done = train("--data", pictures.toString(), "--steps", "3");

        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertEquals("", done.err());
        List<String> lines =
                done.out().lines().filter(l -> !l.startsWith("device: ")).toList();
        assertEquals("data: 10 images 12x20x3 from " + pictures + ", 7.2 kB", lines.get(0));
        assertEquals("1 file rejected: bad.png (its content is not PNG, JPEG, GIF, BMP, WebP or TIFF)", lines.get(1));
        assertTrue(lines.get(2).matches("model: [\\d,]+ parameters; about .*B for batches of 4"), lines.get(2));
        assertTrue(lines.get(3).matches("time: about .* s for 3 steps and 1 preview"), lines.get(3));
        assertEquals("training into " + run, lines.get(4));
        assertEquals(
                "done: 3 steps in " + run + "; draw images with: ddpm sample --checkpoint " + run,
                lines.get(lines.size() - 1));
        assertTrue(
                lines.stream().anyMatch(l -> l.matches("step 3/3  loss \\d\\.\\d{4}  [\\d.]+ images/s  in .* s")),
                done.out());
    }

    /** The quick preset is for 28x28 grey digits; size and channels follow the pictures, and sample draws such. */
    @Test
    void theModelFollowsThePictures() throws IOException {
        CommandRun done = train("--data", pictures.toString(), "--steps", "2", "--sample-every", "1");
        assertEquals(ExitCode.OK, done.exitCode(), done.err());

        RunConfig config =
                new ConfigLoader("quick").ofRun(run.resolve("config.yaml")).load();
        assertEquals(new ImageSize(12, 20), config.model().imSize());
        assertEquals(3, config.model().imChannels());
        assertEquals(3, config.model().outChannels());
        assertEquals(List.of("step-00000001.png", "step-00000002.png"), names(run.resolve("samples")));

        Path each = folder.resolve("each");
        CommandRun drawn =
                CommandRun.of("sample", "--checkpoint", run.toString(), "--count", "2", "--out", each.toString());
        assertEquals(ExitCode.OK, drawn.exitCode(), drawn.err());
        BufferedImage image = ImageIO.read(each.resolve("00001.png").toFile());
        assertEquals(
                List.of(20, 12, 3),
                List.of(image.getWidth(), image.getHeight(), image.getRaster().getNumBands()));
    }

    @Test
    void noPreviewMeansNone() throws IOException {
        assertEquals(
                ExitCode.OK,
                train("--data", pictures.toString(), "--steps", "2", "--sample-every", "0")
                        .exitCode());
        assertEquals(List.of(), names(run.resolve("samples")));
    }

    @Test
    void quietPrintsNothing() throws IOException {
        CommandRun failed = train("--data", pictures + "x", "--quiet");
        assertEquals(ExitCode.FAILURE, failed.exitCode(), failed.err());
        assertEquals(1, failed.err().lines().count(), failed.err());
        assertEquals("", failed.out());

        CommandRun done = train("--data", pictures.toString(), "--steps", "2", "--quiet");
        assertEquals(new CommandRun(ExitCode.OK, "", ""), done);
        assertTrue(Files.exists(run.resolve("checkpoints/latest")));
    }

    @Test
    void aDryRunTouchesNothing() {
        CommandRun done = train("--dry-run", "--steps", "7");
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertTrue(
                done.out()
                        .startsWith("data: 60,000 images 28x28x1 from mnist, which is not on this machine and would be"
                                + " downloaded, 47 MB\n"),
                done.out());
        assertTrue(done.out().contains("for 7 steps and 1 preview"), done.out());
        assertTrue(done.out().contains("nothing was trained"), done.out());
        assertFalse(Files.exists(run));
        assertFalse(Files.exists(folder.resolve("home")));
    }

    @Test
    void glyphsInPlaceOfMnistAreAnnounced() {
        CommandRun done = train("--steps", "1", "--sample-every", "0", "--quiet");
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
        assertEquals("", done.out());
        assertTrue(done.err().startsWith("ddpm: MNIST is neither on this machine nor reachable"), done.err());
        assertEquals(1, done.err().lines().count());
    }
}
