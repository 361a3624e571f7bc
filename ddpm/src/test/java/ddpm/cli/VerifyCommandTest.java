package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.testing.Devices;
import ddpm.testing.Golden;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    @Test
    void aCompleteSetEndsWithZero() {
        CommandRun run = CommandRun.of("verify", Golden.folder("tiny").toString(), "--device", "cpu");

        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().endsWith(" checks, 0 failed" + System.lineSeparator()), run.out());
        assertEquals("", run.err());
    }

    /** Among its cases are the parameters after 1, 2 and 10 steps of Adam. */
    @Test
    @Tag("cuda")
    void aCompleteSetEndsWithZeroOnTheGpu() {
        Devices.cuda().backend(); // or it is skipped
        CommandRun run = CommandRun.of("verify", Golden.folder("tiny").toString(), "--device", "cuda");

        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains(" on cuda, FP32"), run.out());
        for (String steps : List.of("1", "2", "10")) {
            assertTrue(run.out().lines().anyMatch(l -> l.matches("unet_small/adam" + steps + " .* ok")), run.out());
        }
        assertTrue(run.out().endsWith(" checks, 0 failed" + System.lineSeparator()), run.out());
    }

    /** Each file that the format has is missed; the table goes to the end. */
    @Test
    void anEmptyFolderEndsWithOne(@TempDir Path folder) {
        CommandRun run = CommandRun.of("verify", folder.toString());

        assertEquals(ExitCode.FAILURE, run.exitCode());
        assertTrue(run.out().endsWith("13 checks, 13 failed" + System.lineSeparator()), run.out());
        assertEquals("", run.err());
    }
}
