package ddpm.train.run;

import ddpm.train.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A run of 4 steps with checkpoints of steps 2 and 4, trained once for a class of tests that damage copies of it. */
final class FourSteps {
    static final String SETTINGS = "--preset mnist --batch 8 ";

    private FourSteps() {}

    /** Trains it into {@code folder}. */
    static void train(Path folder) throws IOException {
        Path data = TinyRun.idx(folder.resolve("data"), 41).getParent();
        Ran.of(TinyRun.command(folder.resolve("run"), data, SETTINGS + "--steps 4 --save-every 2"))
                .ok();
    }

    /** Copies the run that was trained into {@code folder} to {@code run}. */
    static void copy(Path folder, Path run) throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("run"))) {
            for (Path from : all.toList()) {
                Files.copy(from, run.resolve(folder.resolve("run").relativize(from)));
            }
        }
    }
}
