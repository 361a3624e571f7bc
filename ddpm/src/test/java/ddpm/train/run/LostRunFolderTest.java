package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.DeviceChoice;
import ddpm.UserError;
import ddpm.data.source.DataEnvironment;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import ddpm.train.TinyRun;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.checkpoint.CheckpointFolder;
import ddpm.train.checkpoint.Checkpoints;
import ddpm.train.checkpoint.Snapshot;
import ddpm.train.checkpoint.TrainerState;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run folder that somebody takes away from its training: what was trained is kept elsewhere, or said to be lost. */
class LostRunFolderTest {
    private static final String SETTINGS = "--preset mnist --batch 8 --steps 6 --save-every 3";
    private static final int WHEN = 4; // steps done

    @TempDir
    Path folder;

    private Path data;
    private Path run;
    private Path rescued;
    private final StringWriter out = new StringWriter();

    /** What happens between two steps. */
    private interface Damage {
        void to(Path run) throws IOException;
    }

    @BeforeEach
    void images() throws IOException {
        data = TinyRun.idx(folder.resolve("data"), 41).getParent();
        run = folder.resolve("runs/r");
        rescued = folder.resolve("runs/r-rescued");
    }

    private TrainingRun.Outcome train(Damage damage, boolean stop) throws IOException {
        RunConfig config = new ConfigLoader("mnist")
                .set(TinyRun.SETTINGS)
                .set(List.of("data.source=" + data, "train.batch=8", "train.steps=6", "train.save_every=3"))
                .load();
        int[] asked = {0};
        StopRequest between = () -> {
            if (asked[0]++ == WHEN) {
                try {
                    damage.to(run);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
            return stop && asked[0] > WHEN;
        };
        return new TrainingSession(
                        new TrainRequest(config, run, DeviceChoice.CPU, false, false, false),
                        new PrintWriter(out),
                        new PrintWriter(out),
                        DataEnvironment.system(),
                        between)
                .run();
    }

    private String lost(Damage damage, boolean stop) {
        UserError e = assertThrows(UserError.class, () -> train(damage, stop));
        assertEquals(UserError.FAILURE, e.exitCode());
        return e.getMessage();
    }

    private static void remove(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** A whole run with all steps up to {@code step}, which goes on as one that was never disturbed. */
    private void assertWhole(Path at, long step) throws IOException {
        assertEquals(CheckpointFolder.name(step) + "\n", Files.readString(at.resolve("checkpoints/latest")));
        assertEquals(step, MetricsLog.read(at.resolve("metrics.jsonl")).size());
        Ran.of(TinyRun.resume(at, "")).ok();
        Path undisturbed = folder.resolve("undisturbed");
        Ran.of(TinyRun.command(undisturbed, data, SETTINGS)).ok();
        assertEquals(TinyRun.checkpoint(undisturbed, 6), TinyRun.checkpoint(at, 6));
        assertEquals(Files.readString(undisturbed.resolve("config.yaml")), Files.readString(at.resolve("config.yaml")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void removed(boolean stop) throws IOException {
        String said = lost(LostRunFolderTest::remove, stop);
        long step = stop ? WHEN : WHEN + 1; // noticed with the next line of metrics
        assertEquals(
                "training stopped at step " + step + ": the run folder " + run
                        + " was removed or moved while the training was running; all of it was saved into " + rescued
                        + ", go on there with ddpm train --resume --out " + rescued,
                said);
        assertFalse(Files.exists(run), "half a run");
        assertEquals(step, MetricsLog.read(rescued.resolve("metrics.jsonl")).size() + (stop ? 0 : 1));
    }

    @Test
    void whatWasRescuedGoesOn() throws IOException {
        lost(LostRunFolderTest::remove, true);
        assertWhole(rescued, WHEN);
    }

    @Test
    void removedWithTheFolderAboveIt() throws IOException {
        assertTrue(lost(r -> remove(r.getParent()), true).contains("saved into " + rescued));
        assertTrue(Files.exists(rescued.resolve("config.yaml")));
    }

    @Test
    void moved() throws IOException {
        Path moved = folder.resolve("runs/moved");
        assertTrue(lost(r -> Files.move(r, moved), true).contains("was removed or moved"));
        assertFalse(Files.exists(run));
        assertTrue(Files.exists(rescued.resolve("config.yaml")));
        assertEquals("step-00000003\n", Files.readString(moved.resolve("checkpoints/latest")));
    }

    @Test
    void replacedByAFile() throws IOException {
        Damage damage = r -> {
            remove(r);
            Files.writeString(r, "mine");
        };
        String said = lost(damage, true);
        assertTrue(said.contains(run + " is a file now") && said.contains("saved into " + rescued), said);
        assertEquals("mine", Files.readString(run));
    }

    @Test
    void replacedByAnotherRun() throws IOException {
        Damage damage = r -> {
            Files.move(r, r.resolveSibling("aside"));
            RunFolder.create(r, false).close();
        };
        String said = lost(damage, false);
        assertTrue(said.contains(run + " was removed, and another run is in its place"), said);
        assertEquals(Map.of(), TinyRun.files(run), "nothing is written into the other run");
        assertTrue(Files.exists(rescued.resolve("config.yaml")));
    }

    @Test
    void emptied() throws IOException {
        Damage damage = r -> {
            remove(r);
            Files.createDirectory(r);
        };
        assertTrue(lost(damage, true).contains(run + " was emptied while"));
        assertEquals(List.of(), Checkpoints.names(run));
        assertTrue(Files.exists(rescued.resolve("config.yaml")));
    }

    /** {@code rm -rf r/*} leaves the lock: the folder is still the run's. */
    @Test
    void emptiedButForTheLockItIsWrittenAgain() throws IOException {
        Damage damage = r -> {
            for (String name : List.of("checkpoints", "samples", "config.yaml", "metrics.jsonl")) {
                remove(r.resolve(name));
            }
        };
        assertEquals(TrainingRun.Outcome.STOPPED, train(damage, true));
        assertTrue(
                out.toString().contains("config.yaml and metrics.jsonl had been removed from " + run), out.toString());
        assertWhole(run, WHEN);
    }

    @Test
    void theLockAloneIsTakenAgain() throws IOException {
        Damage damage = r -> Files.delete(r.resolve(".lock"));
        assertEquals(TrainingRun.Outcome.FINISHED, train(damage, false));
        assertFalse(Files.exists(rescued));
        assertTrue(Files.exists(run.resolve(".lock")));
    }

    /** Nothing wrong with the disk: what cannot be written there can be elsewhere. */
    @Test
    void checkpointsThatCannotBeWritten() throws IOException {
        Damage damage = r -> {
            remove(r.resolve("checkpoints"));
            Files.writeString(r.resolve("checkpoints"), "in the way");
        };
        String said = lost(damage, true);
        assertTrue(said.contains("step-00000004 could not be saved: a file of this name is in the way; "), said);
        assertTrue(said.contains("all of it was saved into " + rescued), said);
        assertWhole(rescued, WHEN);
    }

    // ---- where it is written ----

    private static Snapshot snapshot() {
        Map<String, HostTensor> one = Map.of("w", new HostTensor(DType.F32, new long[] {1}, ByteBuffer.allocate(4)));
        return Snapshot.of(new Checkpoint(one, one, one, new TrainerState(4, 0, 32, 32, 1, 32)));
    }

    @Test
    void whatWasRescuedBeforeStays() throws IOException {
        Rescue rescue = new Rescue(run, folder.resolve("tmp"));
        RunConfig config = TinyRun.config("mnist");
        assertEquals(rescued, rescue.write(config, new byte[0], snapshot()));
        assertEquals(folder.resolve("runs/r-rescued-2"), rescue.write(config, new byte[0], snapshot()));
    }

    @Test
    void whereNothingCanBeWrittenBesideItGoesToTheTemporaryFiles() throws IOException {
        Files.writeString(folder.resolve("runs"), "a file");
        RunConfig config = TinyRun.config("mnist");
        Path temporary = folder.resolve("tmp");
        assertEquals(temporary.resolve("r-rescued"), new Rescue(run, temporary).write(config, new byte[0], snapshot()));
        IOException e = assertThrows(IOException.class, () -> new Rescue(run, folder.resolve("runs/tmp"))
                .write(config, new byte[0], snapshot()));
        assertTrue(e.getMessage().contains("in " + folder.resolve("runs") + ": "), e.getMessage());
    }

    /** Nothing is left of an attempt that fails, such as on a full disk. */
    @Test
    void anAttemptThatFailsLeavesNothing() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(folder, "64k")) {
            disk.fill(4096);
            Path full = disk.path().resolve("r");
            Path elsewhere =
                    new Rescue(full, folder.resolve("tmp")).write(TinyRun.config("mnist"), new byte[0], snapshot());
            assertEquals(folder.resolve("tmp/r-rescued"), elsewhere);
            assertEquals(List.of("ballast"), Checkpoints.names(disk.path()));
        }
    }
}
