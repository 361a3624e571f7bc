package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.io.Safetensors;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import ddpm.train.TinyRun;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.checkpoint.CheckpointStore;
import ddpm.train.checkpoint.Checkpoints;
import ddpm.train.checkpoint.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ddpm train} against disks, files, numbers and data that fail it: one sentence, and nothing is lost. */
class TrainingFaultTest extends FourSteps {
    // ---- disks ----

    /** A checkpoint takes 471 kB: of three there is room for two. */
    @Test
    void aFullDiskWhileSavingKeepsTheLastGoodCheckpoint() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(folder, "1200k")) {
            Path small = disk.path().resolve("run");
            train(small, "--steps 5 --save-every 1")
                    .failed(
                            1,
                            "checkpoint " + small.resolve("checkpoints/step-00000003") + " could not be saved: ",
                            "No space left on device",
                            "the last good checkpoint is " + small.resolve("checkpoints/step-00000002"),
                            "free space or make the folder writable and go on with ddpm train --resume --out " + small);
            assertEquals(
                    "[latest, step-00000001, step-00000002]",
                    Checkpoints.names(small.resolve("checkpoints")).toString());

            disk.remount("size=9m");
            resume(small, "").ok();
            train(run, "--steps 5").ok();
            assertEquals(TinyRun.checkpoint(run, 5), TinyRun.checkpoint(small, 5));
        }
    }

    @Test
    void aFullDiskInTheMetricsSaysWhereTheLastCheckpointIs() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(folder, "9m")) {
            Path small = disk.path().resolve("run");
            train(small, "--steps 2").ok();
            disk.fill(3 * 4096); // config.yaml is written anew, and some lines of metrics
            resume(small, "--steps 1000")
                    .failed(
                            1,
                            "training stopped at step ",
                            small.resolve("metrics.jsonl") + " cannot be written: No space left on device",
                            "the last good checkpoint is " + small.resolve("checkpoints/step-00000002"));

            Files.delete(disk.path().resolve("ballast"));
            resume(small, "--steps 4").ok();
            train(run, "--steps 4").ok();
            assertEquals(TinyRun.checkpoint(run, 4), TinyRun.checkpoint(small, 4));
            assertEquals(4, MetricsLog.read(small.resolve("metrics.jsonl")).size());
        }
    }

    @Test
    void aFullDiskFromTheBeginningKeepsTheConfiguration() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(folder, "9m")) {
            Path small = disk.path().resolve("run");
            train(small, "--steps 2").ok();
            Map<String, String> old = TinyRun.files(small);
            disk.fill(0);
            resume(small, "--steps 3")
                    .failed(1, small.resolve("config.yaml") + " cannot be written: No space left on device");
            assertEquals(old, TinyRun.files(small));
        }
    }

    @Test
    void aDiskThatCannotBeWrittenTo() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(folder, "9m")) {
            Path small = disk.path().resolve("run");
            train(small, "--steps 2").ok();
            disk.remount("ro");
            resume(small, "--steps 3").failed(1, small + " cannot be used as run folder: Read-only file system");
            Path fresh = disk.path().resolve("fresh");
            train(fresh, "--steps 2")
                    .failed(1, fresh + " cannot be used as run folder: Read-only file system", "choose another --out");
        }
    }

    @Test
    void aFileWhereTheFolderShouldBe() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        train(file, "--steps 2").failed(2, file + ": is a file; name a folder");
        train(file.resolve("run"), "--steps 2").failed(1, file.resolve("run") + " cannot be used as run folder");
        assertEquals(0, Files.size(file));
    }

    /** Killed after it had made its folders and before it had written anything else. */
    @Test
    void aRunThatWasKilledAtItsBeginningCanBegin() throws IOException {
        RunFolder.create(run, false).close();
        assertEquals(Map.of(), TinyRun.files(run));
        train(run, "--steps 1").ok();
    }

    // ---- numbers ----

    /** Weights of 1e30 give a loss beyond the range of a float. */
    @Test
    void aLossThatIsNotFiniteStopsWithItsStep() throws IOException {
        copyFourSteps();
        CheckpointStore store = new CheckpointStore(run);
        Path last = store.latest().orElseThrow();
        store.save(TinyRun.with(store.load(last), Map.of("conv_out.weight", 1e30f)));
        Map<String, String> saved = TinyRun.checkpoint(run, 4);

        resume(run, "--steps 8")
                .failed(
                        1,
                        "training stopped at step 5: the loss is Infinity",
                        "lower the learning rate (--lr)",
                        "the last good checkpoint is " + last);

        assertEquals(saved, TinyRun.checkpoint(run, 4));
        assertEquals("step-00000004\n", Files.readString(run.resolve("checkpoints/latest")));
        assertEquals(4, MetricsLog.read(run.resolve("metrics.jsonl")).size());
    }

    /** The loss of step 5 is finite, its weights are not: what is saved must be what can be resumed. */
    @Test
    void weightsThatAreNotFiniteAreNotSaved() throws IOException {
        copyFourSteps();
        CheckpointStore store = new CheckpointStore(run);
        Path last = store.latest().orElseThrow();
        store.save(TinyRun.withMoments(store.load(last), "conv_out.weight", 0, -1)); // a step over the root of -1

        resume(run, "--steps 8 --save-every 1")
                .failed(
                        1,
                        "training stopped at step 5: ",
                        "of the weights and moments are NaN or infinite, such as ",
                        "lower the learning rate (--lr)",
                        "the last good checkpoint is " + last);
        assertEquals(
                "[]",
                Snapshot.of(store.load(store.latest().orElseThrow()))
                        .notFinite()
                        .toString());
    }

    // ---- damaged checkpoints ----

    /** What is done to one of the files of the latest checkpoint, and what is said about it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "model.safetensors   | truncated | the file holds",
                "ema.safetensors     | truncated | the file holds",
                "trainer.safetensors | truncated | the file holds",
                "state.json          | truncated | cannot be read",
                "model.safetensors   | empty     | model.safetensors",
                "state.json          | empty     | state.json: is empty",
                "model.safetensors   | missing   | 1 tensor missing ('conv_in.bias')",
                "ema.safetensors     | missing   | 1 tensor missing ('conv_in.bias')",
                "trainer.safetensors | missing   | 1 tensor missing ('conv_in.bias')",
                "model.safetensors   | surplus   | 1 tensor surplus ('more')",
                "ema.safetensors     | surplus   | 1 tensor surplus ('more')",
                "trainer.safetensors | surplus   | such as 'more'",
                "model.safetensors   | shape     | 'conv_in.bias' is [4, 2]",
                "ema.safetensors     | shape     | 'conv_in.bias' is [4, 2]",
                "trainer.safetensors | shape     | 'conv_in.bias' is [4, 2]",
                "model.safetensors   | nan       | with NaN or infinite values ('conv_in.bias' has 1 of 8)",
                "ema.safetensors     | nan       | with NaN or infinite values ('conv_in.bias' has 1 of 8)",
                "trainer.safetensors | nan       | with NaN or infinite values ('conv_in.bias' has 1 of 8)",
                "model.safetensors   | dtype     | not F32 ('conv_in.bias' is BF16)"
            })
    void aDamagedCheckpointIsNamedAndNothingChanges(String file, String damage, String said) throws IOException {
        copyFourSteps();
        Path latest = run.resolve("checkpoints/step-00000004");
        damage(latest.resolve(file), damage);
        Map<String, String> damaged = TinyRun.files(run);

        resume(run, "--steps 6")
                .failed(
                        1,
                        latest.resolve(file).toString(),
                        said,
                        "remove or rename that folder and the run goes on from step-00000002");

        assertEquals(damaged, TinyRun.files(run));
    }

    /** The remedy that the messages above name; without one of its files a checkpoint is none. */
    @ParameterizedTest
    @ValueSource(strings = {"", "model.safetensors", "state.json"})
    void theCheckpointBeforeItServes(String missing) throws IOException {
        copyFourSteps();
        Path latest = run.resolve("checkpoints/step-00000004");
        Files.move(latest.resolve(missing), folder.resolve("aside"));
        Ran ran = resume(run, "--steps 5")
                .warned("the latest checkpoint, " + latest + ", "
                        + (missing.isEmpty() ? "is not there" : "lacks " + missing)
                        + ": going on from step-00000002");
        assertTrue(ran.out().contains("resuming at step 2"));
    }

    private static void damage(Path file, String damage) throws IOException {
        switch (damage) {
            case "truncated" -> {
                byte[] bytes = Files.readAllBytes(file);
                Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
            }
            case "empty" -> Files.write(file, new byte[0]);
            default -> {
                Safetensors.Content content = Safetensors.read(file);
                Map<String, HostTensor> tensors = new LinkedHashMap<>(content.tensors());
                String name = file.endsWith(Checkpoint.TRAINER) ? "exp_avg/conv_in.bias" : "conv_in.bias";
                damage(tensors, name, damage);
                Safetensors.write(file, tensors, content.metadata());
            }
        }
    }

    private static void damage(Map<String, HostTensor> tensors, String name, String damage) {
        float[] values = tensors.get(name).toFloats();
        switch (damage) {
            case "missing" -> tensors.remove(name);
            case "surplus" -> tensors.put("more", tensors.get(name));
            case "shape" -> tensors.put(name, HostTensor.f32(new long[] {4, 2}, values));
            case "dtype" -> tensors.put(name, new HostTensor(DType.BF16, new long[] {8}, ByteBuffer.allocate(16)));
            case "nan" -> {
                values[3] = Float.NaN;
                tensors.put(name, HostTensor.f32(new long[] {8}, values));
            }
            default -> throw new IllegalArgumentException(damage);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u0000\u0000"})
    void aDamagedLatestGivesTheNewestCheckpoint(String text) throws IOException {
        copyFourSteps();
        Files.writeString(run.resolve("checkpoints/latest"), text);
        assertTrue(resume(run, "--steps 5").ok().out().contains("resuming at step 4"));
    }

    /** A run that somebody made by hand around weights of PyTorch: it must not begin anew. */
    @Test
    void weightsOfAnotherProgramAreNoCheckpoint() throws IOException {
        copyFourSteps();
        Files.move(run.resolve("checkpoints"), folder.resolve("aside"));
        Files.writeString(run.resolve("model.pth"), "");
        resume(run, "").failed(1, run + " holds no checkpoint to go on from", "python -c \"import torch");
        assertFalse(Files.exists(run.resolve("checkpoints/latest")));
    }

    /** Nothing to go back to: that the run begins anew must not go unseen. */
    @Test
    void theOnlyCheckpointIsIncomplete() throws IOException {
        train(run, "--steps 1").ok();
        Files.delete(run.resolve("checkpoints/step-00000001/ema.safetensors"));
        Ran ran = resume(run, "--steps 2").warned("lacks ema.safetensors: there is no other checkpoint, so the");
        assertTrue(ran.out().contains("training into " + run), ran.out());
    }

    // ---- data ----

    /** The texts are tested where they are made; here, that the command line passes them on and leaves no folder. */
    @ParameterizedTest
    @CsvSource({
        "missing,   no such file or folder",
        "emptied,   train-images-idx3-ubyte",
        "magic,     train-images-idx3-ubyte",
        "truncated, train-images-idx3-ubyte",
        "gz,        train-images-idx3-ubyte.gz",
        "noimages,  no usable image"
    })
    void dataThatCannotBeUsed(String what, String said) throws IOException {
        Path idx = data.resolve("train-images-idx3-ubyte");
        byte[] bytes = Files.readAllBytes(idx);
        switch (what) {
            case "missing" -> data = folder.resolve("nowhere");
            case "emptied" -> Files.write(idx, new byte[0]);
            case "magic" -> {
                bytes[3]++;
                Files.write(idx, bytes);
            }
            case "truncated" -> Files.write(idx, Arrays.copyOf(bytes, bytes.length - 1));
            case "gz" -> {
                Files.delete(idx);
                Files.write(data.resolve("train-images-idx3-ubyte.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
            }
            default -> {
                Files.delete(idx);
                Files.writeString(data.resolve("notes.txt"), "no image");
            }
        }
        train(run, "--steps 2").failed(1, said);
        assertFalse(Files.exists(run));
    }

    @ParameterizedTest
    @CsvSource({
        "--set model.norm_groups=5,      model.norm_groups: groups=5 does not divide C=8",
        "--set model.num_heads=3,        model.num_heads: heads=3 does not divide C=16",
        "--set train.ema_decay=1,        train.ema_decay: must be at least 0 and below 1",
        "--set train.eps=x,              train.eps: expected",
        "--set trian.batch=3,            trian: unknown key; did you mean train?",
    })
    void settingsThatCannotBe(String option, String said) {
        Ran ran = train(run, "--steps 2 " + option);
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().startsWith("ddpm: ") && ran.err().contains(said), ran.err());
        assertFalse(Files.exists(run));
    }
}
