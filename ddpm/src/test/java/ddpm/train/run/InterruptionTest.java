package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.cli.Main;
import ddpm.train.TinyRun;
import ddpm.train.checkpoint.CheckpointFolder;
import ddpm.train.checkpoint.Checkpoints;
import ddpm.train.checkpoint.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ddpm train} in a process of its own, ended by a signal. */
class InterruptionTest {
    private static final int KILLS = 2;
    private static final int STEPS = 30; // of the run that is killed
    private static final String SETTINGS = "--preset quick --batch 8 --set train.warmup_steps=10 ";

    @TempDir
    Path folder;

    private Path images() throws IOException {
        Path data = folder.resolve("data");
        return Files.exists(data) ? data : TinyRun.idx(data, 41).getParent();
    }

    private Child start(String... args) throws IOException {
        return Child.start(folder, Main.class, args);
    }

    private static int lines(Path run) {
        return (int) Child.read(run.resolve("metrics.jsonl")).lines().count();
    }

    /** Between two signals: what is saved is what an undisturbed run has at that step, and the rest follows. */
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalSavesAndSaysHowToGoOn(String signal) throws Exception {
        Path run = folder.resolve("run");
        String settings = SETTINGS + "--save-every 100000 --set train.lr_schedule=constant --steps ";
        try (Child child = start(TinyRun.command(run, images(), settings + 100_000))) {
            child.await("training", () -> lines(run) >= 7);
            child.signal(signal);

            assertEquals(130, child.code(), child.err());
            assertEquals("", child.err());
            Matcher said = Pattern.compile(
                            "stopped at step (\\d+) and saved; go on with: ddpm train --resume --out (.*)\n")
                    .matcher(child.out());
            assertTrue(said.find(), child.out());
            assertEquals(run.toString(), said.group(2));
            long step = Long.parseLong(said.group(1));
            assertEquals(CheckpointFolder.name(step) + "\n", Files.readString(run.resolve("checkpoints/latest")));
            assertEquals(step, lines(run));

            Ran.of(TinyRun.resume(run, "--steps " + (step + 3))).ok();
            Path whole = folder.resolve("whole");
            Ran.of(TinyRun.command(whole, images(), settings + (step + 3))).ok();
            assertEquals(TinyRun.checkpoint(whole, step + 3), TinyRun.checkpoint(run, step + 3));
        }
    }

    @Test
    void aSignalAfterTheRunFolderWasRemovedSavesElsewhere() throws Exception {
        Path run = folder.resolve("run");
        Path rescued = folder.resolve("run-rescued");
        String[] command = TinyRun.command(run, images(), SETTINGS + "--set train.log_every=100000 --steps 100000");
        try (Child child = start(command)) {
            child.await("a step", () -> child.out().contains("\nstep "));
            try (Stream<Path> all = Files.walk(run)) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
            child.signal("TERM");

            assertEquals(1, child.code(), child.err());
            assertTrue(child.err().contains("the run folder " + run + " was removed or moved"), child.err());
            assertTrue(child.err().contains("saved into " + rescued), child.err());
            assertFalse(child.out().contains("saved"), child.out());
        }
        assertFalse(Files.exists(run), "half a run");
        Ran.of(TinyRun.resume(rescued, "--dry-run")).ok();
    }

    /** Anywhere: before there is a config.yaml, in a step, in a save, in a preview. */
    @Test
    void killedAgainAndAgainItEndsWithTheSameBytes() throws Exception {
        long seed = Long.getLong("seed", 1);
        SplittableRandom random = new SplittableRandom(seed);
        String settings = SETTINGS + "--steps " + STEPS + " --save-every 3 --sample-every 7";
        Path run = folder.resolve("run");
        String[] begin = TinyRun.command(run, images(), settings);
        for (int kill = 0; kill < KILLS; kill++) {
            boolean begun = Files.exists(run) && RunFiles.isRun(run);
            try (Child child = start(begun ? TinyRun.resume(run, "") : begin)) {
                if (kill > 0) { // the first dies while it begins
                    int before = lines(run);
                    int steps = random.nextInt(9);
                    child.await("training", () -> !child.lives() || lines(run) >= Math.min(before + steps, STEPS - 6));
                    Thread.sleep(random.nextInt(30));
                } else {
                    child.await("the folder", () -> Files.exists(run));
                }
            }
        }
        String when = "-Dseed=" + seed;
        assertTrue(RunFiles.isRun(run), when);
        Ran.of(TinyRun.resume(run, "")).ok();

        Path whole = folder.resolve("whole");
        Ran.of(TinyRun.command(whole, images(), settings)).ok();
        for (int step : List.of(STEPS - 6, STEPS - 3, STEPS)) {
            assertEquals(TinyRun.checkpoint(whole, step), TinyRun.checkpoint(run, step), when);
        }
        assertEquals(
                Files.readString(whole.resolve("config.yaml")), Files.readString(run.resolve("config.yaml")), when);
        List<Metrics> metrics = MetricsLog.read(run.resolve("metrics.jsonl"));
        for (int i = 0; i < STEPS; i++) {
            assertEquals(i + 1, metrics.get(i).step(), when);
        }
        assertEquals(STEPS, metrics.size(), when);
        assertEquals(
                Checkpoints.names(whole.resolve("checkpoints")), Checkpoints.names(run.resolve("checkpoints")), when);
    }

    @Test
    void aSecondTrainingInTheSameFolderIsRefused() throws Exception {
        Path run = folder.resolve("run");
        String[] command = TinyRun.command(run, images(), SETTINGS + "--steps 100000");
        try (Child child = start(command)) {
            child.await("training", () -> lines(run) > 0);

            Ran.of(TinyRun.resume(run, ""))
                    .failed(1, run.toString(), "in use by another training (process " + child.pid() + ")");
            Ran.of(command).failed(2, run + " already holds a run");
            int before = lines(run);
            child.await("the first training going on", () -> lines(run) > before);
        }
    }
}
