package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.cli.Main;
import ddpm.picture.ImageGrid;
import ddpm.train.TinyRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run knows its images again, whatever they are called, and says in what others differ. */
class ResumedDataTest {
    private static final String STEPS_2 = "--preset mnist --batch 4 --steps 2";

    @TempDir
    Path folder;

    private Path data;
    private Path run;

    @BeforeEach
    void pictures() throws IOException {
        data = Files.createDirectory(folder.resolve("i"));
        run = folder.resolve("run");
        for (int i = 0; i < 12; i++) {
            picture(data.resolve(String.format(Locale.ROOT, "p%02d.png", i)), i);
        }
    }

    private static void picture(Path file, int value) throws IOException {
        BufferedImage image = new BufferedImage(TinyRun.SIDE, TinyRun.SIDE, BufferedImage.TYPE_BYTE_GRAY);
        for (int k = 0; k < TinyRun.SIDE * TinyRun.SIDE; k++) {
            image.getRaster().setSample(k % TinyRun.SIDE, k / TinyRun.SIDE, 0, (k + 20 * value) % 256);
        }
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    private Ran train(String more) {
        return Ran.of(TinyRun.command(run, data, STEPS_2 + " " + more)).ok();
    }

    private Ran resume(String more) {
        return Ran.of(TinyRun.resume(run, "--steps 4 " + more));
    }

    private Map<String, String> whole() throws IOException {
        Path whole = folder.resolve("whole");
        Ran.of(TinyRun.command(whole, data, "--preset mnist --batch 4 --steps 4"))
                .ok();
        return TinyRun.checkpoint(whole, 4);
    }

    /** Other spellings of the same folder. */
    @ParameterizedTest
    @ValueSource(strings = {"%s/", "%s/.", "%s/../i", "link"})
    void anotherSpellingGoesOn(String spelling) throws IOException {
        train("");
        Files.createSymbolicLink(folder.resolve("link"), data);
        String source = spelling.equals("link")
                ? folder.resolve("link").toString()
                : String.format(Locale.ROOT, spelling, data);
        Ran more = resume("--data " + source).ok();
        assertTrue(
                more.out().contains("from here on with train.steps=4 (was 2)")
                        || more.out().contains("data.source=" + source),
                more.out());
        assertEquals(whole(), TinyRun.checkpoint(run, 4));
    }

    @Test
    void aRenamedFolderGoesOn() throws IOException {
        Map<String, String> whole = whole();
        train("");
        Path moved = Files.move(data, folder.resolve("moved"));
        resume("").failed(2, "the images of the run, in " + data + ", are not there any more", "--data");
        resume("--data " + moved).ok();
        assertEquals(whole, TinyRun.checkpoint(run, 4));
        Ran.of(TinyRun.resume(run, "--steps 5")).ok(); // it knows the new place
    }

    /** Files that are named otherwise in the same order, or packed otherwise, are the same images. */
    @Test
    void theSamePixelsGoOn() throws IOException {
        Map<String, String> whole = whole();
        train("");
        for (int i = 0; i < 12; i++) {
            Path file = data.resolve(String.format(Locale.ROOT, "p%02d.png", i));
            ImageIO.write(
                    ImageIO.read(file.toFile()),
                    "bmp",
                    data.resolve(String.format(Locale.ROOT, "q%02d.bmp", i)).toFile());
            Files.delete(file);
        }
        resume("").ok();
        assertEquals(whole, TinyRun.checkpoint(run, 4));
    }

    /** From another working folder: the relative path means what it meant when the run began. */
    @Test
    void aRelativePathIsKnownElsewhere() throws Exception {
        Map<String, String> whole = whole();
        Path here = Path.of("").toAbsolutePath();
        data = here.relativize(data);
        train("");
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        picture(elsewhere.resolve("other/a.png"), 1);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(TinyRun.resume(run, "--steps 4 --device cpu")));
        Process process = new ProcessBuilder(command)
                .directory(elsewhere.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertEquals(whole, TinyRun.checkpoint(run, 4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "added   | 13 images now, 12 then: 1 added (p07b.png)",
                "removed | 11 images now, 12 then: 1 removed (p03.png)",
                "changed | 12 images now, 12 then: 1 changed (p05.png)",
                "all     | 13 images now, 12 then: 2 added (x0.png, x1.png), 1 removed (p03.png), 1 changed (p05.png)",
                "moved   | 12 images now, 12 then: 1 renamed (p00.png is z.png)",
            })
    void otherImagesAreRefusedByWhatDiffers(String what, String said) throws IOException {
        train("");
        Map<String, String> before = TinyRun.files(run);
        switch (what) {
            case "added" -> picture(data.resolve("p07b.png"), 99);
            case "removed" -> Files.delete(data.resolve("p03.png"));
            case "changed" -> picture(data.resolve("p05.png"), 98);
            case "moved" -> Files.move(data.resolve("p00.png"), data.resolve("z.png"));
            default -> {
                picture(data.resolve("x0.png"), 97);
                picture(data.resolve("x1.png"), 96);
                Files.delete(data.resolve("p03.png"));
                picture(data.resolve("p05.png"), 98);
            }
        }
        resume("")
                .failed(1, "--resume: the images in " + data + " are not those that the run began with", said, "--out");
        assertEquals(before, TinyRun.files(run));
    }

    /** A place of other images is told from the place of the run's. */
    @Test
    void otherImagesUnderAnotherNameAreRefused() throws IOException {
        train("");
        Path other = folder.resolve("other");
        picture(other.resolve("a.png"), 1);
        resume("--data " + other)
                .failed(
                        2,
                        "--resume: data.source=" + other + " (was " + data + ") cannot change within a run",
                        "1 image now, 12 then");
    }

    /** The run folder lies among the images: its previews and charts are no images, and going on is going on. */
    @Test
    void whatTheRunItselfDrawsIsLeftOut() throws IOException {
        Map<String, String> whole = whole();
        run = data.resolve("runs/quick");
        train("--sample-every 1");
        assertTrue(Files.exists(run.resolve("samples/step-00000002.png")));
        BufferedImage grid = new BufferedImage(TinyRun.SIDE, TinyRun.SIDE, BufferedImage.TYPE_BYTE_GRAY);
        ImageGrid.write(data.resolve("grid.png"), grid);
        ImageIO.write(grid, "png", run.resolve("samples/old.png").toFile()); // without a note, as old versions wrote
        Ran more = resume("").ok();
        assertTrue(
                more.out()
                        .contains(
                                "left out: 4 pictures in the run folder runs/quick, 1 picture that ddpm drew (grid.png)"),
                more.out());
        assertEquals(whole, TinyRun.checkpoint(run, 4));
    }

    /** The run folder is the folder of the images. */
    @Test
    void aRunAmongItsImagesGoesOn() throws IOException {
        Map<String, String> whole = whole();
        run = data;
        train("--sample-every 1");
        Ran more = resume("").ok();
        assertTrue(more.out().contains("data: 12 images"), more.out());
        assertEquals(whole, TinyRun.checkpoint(run, 4));
    }

    @Test
    void aRunFolderMayNotTakeImagesAway() throws IOException {
        picture(data.resolve("cats/a.png"), 50);
        run = data.resolve("cats");
        Ran.of(TinyRun.command(run, data, STEPS_2)).failed(2, "--out " + run + ": holds 1 of the images", "cats/a.png");
        assertFalse(Files.exists(run.resolve("config.yaml")));
    }

    /** A run of a version that did not note its images goes on with what is known: their number. */
    @Test
    void aRunWithoutTheNoteGoesOn() throws IOException {
        Map<String, String> whole = whole();
        train("");
        Files.delete(run.resolve("data.jsonl"));
        Ran more = resume("--data " + data + "/.").ok();
        assertTrue(more.out().contains("this run did not note which images it began with"), more.out());
        assertEquals(whole, TinyRun.checkpoint(run, 4));
        assertTrue(Files.exists(run.resolve("data.jsonl")));

        Files.delete(run.resolve("data.jsonl"));
        Files.delete(data.resolve("p03.png"));
        Ran.of(TinyRun.resume(run, "--steps 5"))
                .failed(1, "cannot be reached with 11 images in batches of 4 (the run began with 12)");
    }

    @Test
    void aDamagedNoteIsNamed() throws IOException {
        train("");
        Files.writeString(run.resolve("data.jsonl"), "{");
        resume("").failed(1, run.resolve("data.jsonl") + ": cannot be read", "remove it to go on");
    }
}
