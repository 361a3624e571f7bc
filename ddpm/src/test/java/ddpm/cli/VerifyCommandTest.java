package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.testing.Golden;
import java.nio.file.Path;
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

    /** Each file that the format has is missed; the table goes to the end. */
    @Test
    void anEmptyFolderEndsWithOne(@TempDir Path folder) {
        CommandRun run = CommandRun.of("verify", folder.toString());

        assertEquals(ExitCode.FAILURE, run.exitCode());
        assertTrue(run.out().endsWith("13 checks, 13 failed" + System.lineSeparator()), run.out());
        assertEquals("", run.err());
    }
}
