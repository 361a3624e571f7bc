package ddpm.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.disk.FaultySink;
import ddpm.disk.FileSink;
import ddpm.disk.MemoryFolder;
import ddpm.engine.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
    @TempDir(factory = MemoryFolder.class)
    Path run;

    private Path checkpoints;
    private CheckpointStore store;

    @BeforeEach
    void openStore() {
        checkpoints = run.resolve("checkpoints");
        store = new CheckpointStore(run, FaultySink.UNSYNCED);
    }

    private void save(long... steps) throws IOException {
        for (long step : steps) store.save(Checkpoints.at(step));
    }

    @Test
    void loadsWhatItSaved() throws IOException {
        CheckpointStore.Saved saved = store.save(Checkpoints.at(40));
        assertEquals(checkpoints.resolve("step-00000040"), saved.folder());
        assertEquals(List.of(), saved.notRemoved());
        assertEquals(List.of("latest", "step-00000040"), Checkpoints.names(checkpoints));
        assertEquals("step-00000040\n", Files.readString(checkpoints.resolve("latest")));
        assertEquals(
                List.of("ema.safetensors", "model.safetensors", "state.json", "trainer.safetensors"),
                Checkpoints.names(saved.folder()));
        assertEquals(Optional.of(saved.folder()), store.latest());
        assertEquals(Checkpoints.at(40), store.load(saved.folder()));
        Safetensors.Content model = Safetensors.read(saved.folder().resolve(Checkpoint.MODEL));
        assertEquals(Checkpoints.at(40).model(), model.tensors());
        assertEquals(Map.of("format", "pt"), model.metadata());
        assertEquals(
                "{\"format\":1,\"step\":40,\"epoch\":1,\"position_in_epoch\":64,\"images\":2560,"
                        + "\"epoch_loss_sum\":4.0,\"epoch_loss_count\":64}\n",
                Files.readString(saved.folder().resolve(Checkpoint.STATE)));
    }

    @Test
    void equalCheckpointsHaveEqualBytes() throws IOException {
        Path one = store.save(Checkpoints.at(40)).folder();
        Path other = new CheckpointStore(Files.createDirectory(run.resolve("other")))
                .save(Checkpoints.at(40))
                .folder();
        for (String file : Checkpoints.names(one)) {
            assertEquals(-1, Files.mismatch(one.resolve(file), other.resolve(file)), file);
        }
    }

    /** However many are saved after it, and only as long as it is the best. */
    @Test
    void theBestStays() throws IOException {
        save(10, 20);
        assertEquals(Optional.empty(), store.best());
        store.markBest(20);
        save(30, 40, 50, 60);
        assertEquals(
                List.of("best", "latest", "step-00000020", "step-00000040", "step-00000050", "step-00000060"),
                Checkpoints.names(checkpoints));
        assertEquals("step-00000020\n", Files.readString(checkpoints.resolve("best")));
        assertEquals(Optional.of(checkpoints.resolve("step-00000020")), store.best());
        assertEquals(Optional.of(checkpoints.resolve("step-00000060")), store.latest());
        store.markBest(60);
        save(70);
        assertEquals(
                List.of("best", "latest", "step-00000050", "step-00000060", "step-00000070"),
                Checkpoints.names(checkpoints));
        save(40); // the course that had it was left
        assertEquals(Optional.empty(), store.best());
        assertEquals(List.of("best", "latest", "step-00000040"), Checkpoints.names(checkpoints));
    }

    @Test
    void bestAndLatestAreFollowed() throws IOException {
        save(10, 20);
        store.markBest(10);
        Path best = checkpoints.resolve("best");
        assertEquals(checkpoints.resolve("step-00000010"), CheckpointStore.follow(best));
        assertEquals(checkpoints.resolve("step-00000020"), CheckpointStore.follow(checkpoints.resolve("latest")));
        assertEquals(run, CheckpointStore.follow(run));
        Path other = Files.createDirectory(run.resolve("best"));
        assertEquals(other, CheckpointStore.follow(other), "a folder of that name");
        for (String text : List.of("step-00000011\n", "../../secret\n", "")) {
            Files.writeString(best, text);
            assertFails(() -> CheckpointStore.follow(best), best.toString(), "names no checkpoint that is there");
        }
    }

    @Test
    void aMarkThatCannotBeWritten() throws IOException {
        save(10, 20);
        Files.createDirectories(checkpoints.resolve("best").resolve("in the way"));
        assertFails(() -> store.markBest(20), checkpoints.resolve("best").toString(), "cannot be written");
    }

    /** What a power cut may keep is what was synced before: files, their folder, its new name, then latest. */
    @Test
    void syncsEachThingBeforeTheNextNamesIt() throws IOException {
        save(10, 20, 30);
        Files.createDirectory(
                checkpoints.resolve(".tmp-step-00000035-1")); // of a killed run, in the way of a full disk
        FaultySink sink = FaultySink.none();
        new CheckpointStore(run, sink).save(Checkpoints.at(40));
        String temporary = ".tmp-step-00000040-" + FileSink.pid();
        String latest = ".tmp-latest-" + FileSink.pid();
        List<String> publish = List.of(
                "createFolder checkpoints",
                "delete .tmp-step-00000035-1",
                "createFolder " + temporary,
                "write model.safetensors",
                "write ema.safetensors",
                "write trainer.safetensors",
                "write state.json",
                "syncFolder " + temporary,
                "rename " + temporary + " step-00000040",
                "syncFolder checkpoints",
                "write " + latest,
                "rename " + latest + " latest",
                "syncFolder checkpoints",
                "rename step-00000010 .tmp-step-00000010-" + FileSink.pid());
        assertEquals(publish, sink.log.subList(0, publish.size()));
        assertTrue(sink.log.subList(publish.size(), sink.log.size()).stream().allMatch(op -> op.startsWith("delete ")));
    }

    @Test
    void keepsTheLastThree() throws IOException {
        save(10, 20, 30, 40, 100_000_000);
        assertEquals(
                List.of("latest", "step-00000030", "step-00000040", "step-100000000"), Checkpoints.names(checkpoints));
        assertEquals(checkpoints.resolve("step-100000000"), store.latest().orElseThrow());
    }

    /** latest set back by hand to 20: what was saved after 20 is another course of the run. */
    @Test
    void savingAfterAnEarlierStepDropsTheAbandonedOnes() throws IOException {
        save(20, 30, 40);
        Files.writeString(checkpoints.resolve("latest"), "step-00000020\n");
        assertEquals(checkpoints.resolve("step-00000020"), store.latest().orElseThrow());
        save(25);
        assertEquals(List.of("latest", "step-00000020", "step-00000025"), Checkpoints.names(checkpoints));
    }

    @Test
    void replacesACheckpointOfTheSameStep() throws IOException {
        save(10, 20);
        store.save(Checkpoints.at(20, 7));
        assertEquals(Checkpoints.at(20, 7), store.load(store.latest().orElseThrow()));
        assertEquals(List.of("latest", "step-00000010", "step-00000020"), Checkpoints.names(checkpoints));
    }

    /** A kill between the two renames leaves the old folder under its second name only. */
    @Test
    void findsACheckpointThatWasMovedAside() throws IOException {
        save(10, 20);
        Files.move(checkpoints.resolve("step-00000020"), checkpoints.resolve("step-00000020.old"));
        assertEquals(checkpoints.resolve("step-00000020.old"), store.latest().orElseThrow());
        save(20);
        assertEquals(List.of("latest", "step-00000010", "step-00000020"), Checkpoints.names(checkpoints));
    }

    @Test
    void removesWhatKilledRunsLeft() throws IOException {
        Files.createDirectories(checkpoints.resolve(".tmp-step-00000005-99/deep"));
        Files.writeString(checkpoints.resolve(".tmp-step-00000005-99/deep/file"), "x");
        Files.writeString(checkpoints.resolve(".tmp-latest-99"), "x");
        save(10);
        assertEquals(List.of("latest", "step-00000010"), Checkpoints.names(checkpoints));
    }

    @Test
    void thereIsNoLatestInAnEmptyRun() throws IOException {
        assertEquals(Optional.empty(), store.latest());
        Files.createDirectories(checkpoints.resolve(".tmp-step-00000005-99"));
        Files.createDirectories(checkpoints.resolve("step-00000005"));
        assertEquals(Optional.empty(), store.latest());
    }

    @Test
    void goingBackIsSaid() throws IOException {
        assertEquals(Optional.empty(), store.passedOver());
        save(10, 20);
        assertEquals(Optional.empty(), store.passedOver());
        Path latest = checkpoints.resolve("step-00000020");
        Files.delete(latest.resolve(Checkpoint.EMA));
        Files.delete(latest.resolve(Checkpoint.STATE));
        assertEquals(
                Optional.of("the latest checkpoint, " + latest
                        + ", lacks ema.safetensors, state.json: going on from step-00000010"),
                store.passedOver());
        Files.writeString(checkpoints.resolve("latest"), "step-00000099");
        assertTrue(store.passedOver().orElseThrow().contains("step-00000099, is not there: going on from"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\u0000\u0000\u0000", "step-00000099", "step-00000030", "../outside", "step-000000", "LONG"})
    void garbledLatestGivesTheNewestWholeCheckpoint(String text) throws IOException {
        save(10, 20);
        Files.createDirectories(checkpoints.resolve("step-00000030")); // not whole
        new CheckpointStore(Files.createDirectory(run.resolve("x"))).save(Checkpoints.at(1));
        Files.move(run.resolve("x/checkpoints/step-00000001"), run.resolve("outside"));
        Path latest = checkpoints.resolve("latest");
        Files.writeString(latest, text.equals("LONG") ? "step-00000010" + " ".repeat(100_000) : text);
        assertEquals(checkpoints.resolve("step-00000020"), store.latest().orElseThrow());
        Files.delete(latest);
        assertEquals(checkpoints.resolve("step-00000020"), store.latest().orElseThrow());
    }

    @Test
    void damagedCheckpointNamesTheOthers() throws IOException {
        save(10, 20);
        Path folder = checkpoints.resolve("step-00000020");
        Path ema = folder.resolve(Checkpoint.EMA);
        byte[] whole = Files.readAllBytes(ema);
        Files.write(ema, Arrays.copyOf(whole, whole.length - 1));
        String goOn = "remove or rename that folder and the run goes on from step-00000010";
        assertFails(() -> store.load(folder), ema + ": ", "the file holds 15", goOn);
        Files.delete(ema);
        assertFails(() -> store.load(folder), folder + ": lacks ema.safetensors", goOn);
        Files.write(ema, whole);
        Files.writeString(folder.resolve(Checkpoint.STATE), "{");
        assertFails(() -> store.load(folder), "state.json: cannot be read", goOn);
    }

    @Test
    void failedSaveNamesTheLastGoodCheckpoint() throws IOException {
        save(10);
        FaultySink full = new FaultySink(FaultySink.Fault.ONCE, 4, false);
        assertFails(
                () -> new CheckpointStore(run, full).save(Checkpoints.at(20)),
                checkpoints.resolve("step-00000020") + " could not be saved: No space left on device",
                "the last good checkpoint is " + checkpoints.resolve("step-00000010"),
                "go on with ddpm train --resume --out ");
        Path file = Files.writeString(run.resolve("file"), "");
        assertFails(() -> new CheckpointStore(file).save(Checkpoints.at(20)), "there is no earlier checkpoint");
    }

    @Test
    void resolveTakesARunOrACheckpoint() throws IOException {
        save(10, 20);
        Path older = checkpoints.resolve("step-00000010");
        assertEquals(checkpoints.resolve("step-00000020"), CheckpointStore.resolve(run, Checkpoint.EMA));
        assertEquals(older, CheckpointStore.resolve(older, Checkpoint.EMA));
    }

    @Test
    void resolveAsksOnlyForTheFileThatIsNeeded() throws IOException {
        save(10);
        Path folder = checkpoints.resolve("step-00000010");
        Files.delete(folder.resolve(Checkpoint.TRAINER));
        Files.delete(folder.resolve(Checkpoint.STATE));
        Files.delete(folder.resolve(Checkpoint.EMA));
        assertEquals(folder, CheckpointStore.resolve(folder, Checkpoint.MODEL));
        assertResolve(folder, "is a checkpoint without ema.safetensors; --weights raw takes its model.safetensors");
        assertEquals(Checkpoints.at(10).model(), CheckpointStore.weights(folder, Checkpoint.MODEL));
        Files.delete(folder.resolve(Checkpoint.MODEL));
        Files.writeString(folder.resolve(Checkpoint.STATE), "{}");
        assertResolve(folder, "is a checkpoint without ema.safetensors; take another checkpoint");
    }

    @Test
    void damagedWeightsNameTheOtherCheckpoints() throws IOException {
        save(10, 20);
        Path folder = checkpoints.resolve("step-00000020");
        Files.write(folder.resolve(Checkpoint.EMA), new byte[4]);
        assertFails(
                () -> CheckpointStore.weights(folder, Checkpoint.EMA),
                folder.resolve(Checkpoint.EMA) + ": has 4 bytes",
                "the run goes on from step-00000010");
        assertEquals(Checkpoints.at(20).model(), CheckpointStore.weights(folder, Checkpoint.MODEL));
    }

    @Test
    void resolveSaysWhatIsWrong() throws IOException {
        assertResolve(
                run, "neither a run folder (it has no checkpoints/) nor a checkpoint (it has no ema.safetensors)");
        assertResolve(run.resolve("no"), "is no folder; give a run folder or one of its checkpoints");
        Path config = Files.writeString(run.resolve("config.yaml"), "");
        assertResolve(config, "is no folder");
        assertResolve(run, "is a run that has not saved a checkpoint yet");
        save(10);
        assertResolve(checkpoints, "holds the checkpoints of a run; give the run, " + run);
    }

    private static void assertResolve(Path folder, String message) {
        assertFails(() -> CheckpointStore.resolve(folder, Checkpoint.EMA), folder.toString(), message);
    }

    private static void assertFails(Executable call, String... parts) {
        var e = assertThrows(CheckpointException.class, call);
        for (String part : parts) assertTrue(e.getMessage().contains(part), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
}
