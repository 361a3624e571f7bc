package ddpm.train.run;

import ddpm.train.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests on a run of 4 steps with checkpoints of steps 2 and 4: it is trained once for a class, and each test damages a copy of
 * it, or trains one of its own on the same images.
 */
abstract class FourSteps {
    private static final String SETTINGS = "--preset mnist --batch 8 ";

    @TempDir
    private static Path trained;

    @TempDir
    Path folder;

    /** Images, in a folder of this test. */
    Path data;

    /** Where the copy goes; not there yet. */
    Path run;

    @BeforeAll
    static void trainFourSteps() throws IOException {
        Path images = TinyRun.idx(trained.resolve("data"), 41).getParent();
        Ran.of(TinyRun.command(trained.resolve("run"), images, SETTINGS + "--steps 4 --save-every 2"))
                .ok();
    }

    @BeforeEach
    void images() throws IOException {
        data = folder.resolve("data");
        run = folder.resolve("run");
        TinyRun.idx(data, 41);
    }

    /** Copies the run that was trained to {@link #run}. */
    void copyFourSteps() throws IOException {
        Path from = trained.resolve("run");
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, run.resolve(from.relativize(file)));
            }
        }
    }

    /** Trains with the settings of the run. */
    Ran train(Path out, String more) {
        return Ran.of(TinyRun.command(out, data, SETTINGS + more));
    }

    static Ran resume(Path out, String more) {
        return Ran.of(TinyRun.resume(out, more));
    }
}
