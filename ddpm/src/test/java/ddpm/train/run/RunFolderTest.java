package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.disk.FileSink;
import ddpm.train.checkpoint.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFolderTest {
    @TempDir
    Path folder;

    @Test
    void laysOutTheFolder() throws IOException {
        Path out = folder.resolve("runs/mnist");
        try (RunFolder run = RunFolder.create(out, false)) {
            assertEquals(out, run.path());
            assertEquals(out.resolve("config.yaml"), run.config());
            assertEquals(out.resolve("metrics.jsonl"), run.metrics());
            assertEquals(out.resolve("samples/step-00000500.png"), run.samples(500));
            assertEquals(out.resolve("checkpoints"), run.checkpoints());
            Files.writeString(run.samples(500), "");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.yaml", "metrics.jsonl", "checkpoints/step-00000001"})
    void refusesARunUnlessResumed(String trace) throws IOException {
        Path file = folder.resolve(trace);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        assertRefused(
                folder,
                false,
                folder + " already holds a run; continue it with ddpm train --resume --out " + folder
                        + " or choose another --out");
        RunFolder.create(folder, true).close();
    }

    /** A start that ended before anything was written can be started again, either way. */
    @Test
    void takesAFolderWithoutARun() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "");
        RunFolder.create(folder, false).close();
        RunFolder.create(folder, false).close();
        RunFolder.create(folder, true).close();
    }

    @Test
    void resumeNeedsARun() throws IOException {
        Path missing = folder.resolve("missing");
        assertRefused(missing, true, "--resume: " + missing + " holds no run");
        assertFalse(Files.exists(missing));
        assertRefused(folder, true, "or start a new one without --resume");
        assertTrue(Checkpoints.names(folder).isEmpty());
    }

    @Test
    void twoTrainingsCannotShareIt() throws IOException {
        RunFolder first = RunFolder.create(folder, false);
        String message = folder + " is in use by another training (process " + FileSink.pid()
                + "); wait until it ends or choose another --out";
        assertRefused(folder, false, message);
        assertRefused(folder, true, message);
        first.close();
        RunFolder.create(folder, true).close();
    }

    @Test
    void refusalLetsGoOfTheLock() throws IOException {
        Files.writeString(folder.resolve("config.yaml"), "");
        assertRefused(folder, false, "already holds a run");
        RunFolder.create(folder, true).close();
    }

    @Test
    void saysWhyTheFolderCannotBeUsed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertRefused(file, false, file + " cannot be used as run folder: a file of this name is in the way; choose");
        assertRefused(file.resolve("run"), false, "cannot be used as run folder: ");
        Path closed = Files.createDirectory(folder.resolve("closed"));
        boolean set = closed.toFile().setWritable(false);
        Assumptions.assumeTrue(set && !Files.isWritable(closed), "root may write everywhere");
        assertRefused(closed, false, "cannot be used as run folder: permission denied; choose another --out");
    }

    private static void assertRefused(Path out, boolean resume, String message) {
        var e = assertThrows(RunFolderException.class, () -> RunFolder.create(out, resume));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
