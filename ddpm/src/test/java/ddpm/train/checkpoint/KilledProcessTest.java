package ddpm.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.train.LossByTime;
import ddpm.train.run.Metrics;
import ddpm.train.run.MetricsLog;
import ddpm.train.run.RunFolder;
import ddpm.train.run.RunFolderException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process that trains, saves and logs without pause, and a real kill -9. */
class KilledProcessTest {
    private static final int KILLS = 4;

    @TempDir
    Path folder;

    /** The process: resumes the run in args[0] and goes on for ever, a checkpoint and a line of metrics each step. */
    public static void main(String[] args) throws IOException {
        RunFolder run = RunFolder.create(Path.of(args[0]), Boolean.parseBoolean(args[1]));
        CheckpointStore store = new CheckpointStore(run.path());
        var latest = store.latest();
        long step = latest.isPresent() ? store.load(latest.get()).state().step() : 0;
        MetricsLog log = MetricsLog.open(run.metrics(), step);
        System.out.println("ready");
        while (true) {
            step++;
            log.append(new Metrics(step, 0, step, 1, 1, LossByTime.unknown(), 1, 1, 1, 1, 1));
            store.save(Checkpoints.at(step));
            System.out.println("saved");
        }
    }

    @Test
    void everyKillLeavesARunToGoOnFrom() throws Exception {
        long seed = Long.getLong("seed", 1);
        SplittableRandom random = new SplittableRandom(seed);
        CheckpointStore store = new CheckpointStore(folder);
        long step = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx64m",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            KilledProcessTest.class.getName(),
                            folder.toString(),
                            String.valueOf(kill > 0))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader out = process.inputReader()) {
                assertEquals("ready", out.readLine());
                var e = assertThrows(RunFolderException.class, () -> RunFolder.create(folder, true));
                assertTrue(e.getMessage().contains("in use by another training (process " + process.pid() + ")"));
                if (kill > 0) assertEquals("saved", out.readLine()); // the first one dies early
                Thread.sleep(random.nextInt(200));
            } finally {
                process.destroyForcibly().waitFor();
            }
            if (store.latest().isEmpty()) continue; // killed in its first save
            Checkpoint found = store.load(store.latest().get());
            assertEquals(Checkpoints.at(found.state().step()), found, "seed=" + seed);
            assertTrue(found.state().step() >= step, "seed=" + seed);
            step = found.state().step();
            MetricsLog log = MetricsLog.open(folder.resolve("metrics.jsonl"), step);
            log.close();
            List<Long> steps = log.kept().stream().map(Metrics::step).toList();
            for (int i = 0; i < step; i++) assertEquals(i + 1, steps.get(i), "seed=" + seed);
            assertEquals(step, steps.size(), "seed=" + seed);
        }
        assertTrue(step > 0, "no checkpoint in " + KILLS + " processes");
    }
}
