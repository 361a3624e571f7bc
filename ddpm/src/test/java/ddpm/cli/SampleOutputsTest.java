package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where {@code ddpm sample} writes: every output in its own place, nothing replaced that was not named. */
class SampleOutputsTest {
    @TempDir
    Path folder;

    private Path run;

    @BeforeEach
    void train() {
        run = folder.resolve("run");
        TinyRun.write(run, TinyRun.config("model.im_size=[8,6]"));
    }

    private CommandRun sample(Object... options) {
        List<String> args = new ArrayList<>(List.of("sample", "--checkpoint", run.toString()));
        for (Object option : options) {
            args.add(option.toString());
        }
        return CommandRun.of(args.toArray(String[]::new));
    }

    private static void ok(CommandRun done) {
        assertEquals(ExitCode.OK, done.exitCode(), done.err());
    }

    private static void fails(int exitCode, CommandRun done, String... parts) {
        assertEquals(exitCode, done.exitCode(), done.err());
        assertEquals(1, done.err().lines().count(), done.err());
        assertEquals("", done.out(), "nothing was drawn");
        for (String part : parts) {
            assertTrue(done.err().contains(part), () -> "'" + part + "' is not in: " + done.err());
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--grid,  a.png,      --trajectory, a.png,      name the same file",
        "--grid,  x/../a.png, --trajectory, ./a.png,    name the same file",
        "--out,   a.png,      --grid,       a.png,      name the same file",
        "--out,   a.npy,      --npy,        a.npy,      name the same file",
        "--out,   d,          --grid,       d/00003.png, single image",
        "--grid,  link.png,   --trajectory, a.png,      name the same file",
        "--grid,  up/a.png,   --trajectory, a.png,      name the same file"
    })
    void twoOutputsInOneFile(String one, String first, String two, String second, String said) throws IOException {
        Files.createSymbolicLink(folder.resolve("link.png"), Path.of("a.png"));
        Files.createSymbolicLink(folder.resolve("up"), folder);
        fails(ExitCode.USAGE, sample(one, folder + "/" + first, two, folder + "/" + second), one, two, said);
        assertFalse(Files.exists(folder.resolve("a.png")));
    }

    @Test
    void aGridBesideItsImages() throws IOException {
        Path out = folder.resolve("d");
        ok(sample("--count", 2, "--out", out, "--grid", out.resolve("all.png")));
        assertEquals(List.of("00000.png", "00001.png", "all.png"), names(out));
    }

    /** As a shell's redirection: through the link. */
    @ParameterizedTest
    @ValueSource(strings = {"--grid:g.png", "--npy:g.npy", "--trajectory:g.gif"})
    void ofALinkTheTargetIsWritten(String output) throws IOException {
        String option = output.substring(0, output.indexOf(':'));
        String name = output.substring(output.indexOf(':') + 1);
        Path target = folder.resolve("elsewhere/" + name);
        Files.createDirectories(target.getParent());
        Path link = Files.createSymbolicLink(folder.resolve(name), Path.of("elsewhere/" + name));
        Path plain = folder.resolve("plain-" + name);
        ok(sample("--count", 2, option, plain));
        for (int i = 0; i < 2; i++) { // the target is made, then written again
            ok(sample("--count", 2, option, link));
            assertTrue(Files.isSymbolicLink(link));
            assertArrayEquals(Files.readAllBytes(plain), Files.readAllBytes(target));
            Files.writeString(target, "old");
        }
        assertEquals(List.of(name), names(target.getParent()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--grid:g.png", "--npy:g.npy", "--trajectory:g.png"})
    void aReadOnlyFileStays(String output) throws IOException {
        String option = output.substring(0, output.indexOf(':'));
        Path file = Files.writeString(folder.resolve(output.substring(output.indexOf(':') + 1)), "mine");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        fails(ExitCode.FAILURE, sample(option, file), option + " " + file + ": is read-only");
        Path link = Files.createSymbolicLink(folder.resolve("link" + file.getFileName()), file);
        fails(ExitCode.FAILURE, sample(option, link), option + " " + link + ": is read-only");
        assertEquals("mine", Files.readString(file));
    }

    @Test
    void linksInACircle() throws IOException {
        Path one = folder.resolve("one.png");
        Files.createSymbolicLink(one, Path.of("two.png"));
        Files.createSymbolicLink(folder.resolve("two.png"), one);
        fails(ExitCode.FAILURE, sample("--grid", one), "--grid " + one + ": cannot be written");
    }

    @Test
    void imagesOfAFormerDrawingDoNotMix() throws IOException {
        Path out = folder.resolve("images");
        ok(sample("--count", 3, "--out", out));
        ok(sample("--count", 3, "--out", out, "--seed", 1));
        Files.writeString(out.resolve("notes.txt"), "");
        fails(
                ExitCode.USAGE,
                sample("--count", 1, "--out", out),
                "--out " + out + ": holds 2 numbered images from 00001.png on, of a former drawing",
                "remove them or name another folder");
        ok(sample("--count", 4, "--out", out));
        assertEquals(List.of("00000.png", "00001.png", "00002.png", "00003.png", "notes.txt"), names(out));
    }
}
