package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.DeviceChoice;
import ddpm.data.source.DataEnvironment;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.tensorboard.EventFile;
import ddpm.train.TinyRun;
import ddpm.train.Trainer;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.checkpoint.CheckpointStore;
import ddpm.train.checkpoint.Checkpoints;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole trainings through the command line, in this process. Those that a signal or a kill ends: InterruptionTest; a
 * disk, a file or a number: TrainingFaultTest. */
class EndToEndTest {
    /** An epoch is 5 batches of 8 and one of 1, so that step 8 is the second of an epoch, and step 16 is in the next. */
    private static final int IMAGES = 41;

    private static final String CONSTANT = "--preset mnist --batch 8 --set data.flip=true";
    private static final String COSINE = "--preset quick --batch 8 --set train.warmup_steps=4";

    @TempDir
    Path folder;

    private Path images() throws IOException {
        Path data = folder.resolve("data");
        return Files.exists(data) ? data : TinyRun.idx(data, IMAGES).getParent();
    }

    private Ran train(Path out, String more) throws IOException {
        return Ran.of(TinyRun.command(out, images(), more)).ok();
    }

    private static Ran resume(Path out, String more) {
        return Ran.of(TinyRun.resume(out, more));
    }

    /** A training that is asked to stop after {@code steps} steps. */
    private static TrainingRun.Outcome stopped(Path out, RunConfig config, boolean resume, int steps, StringWriter said)
            throws IOException {
        int[] asked = {0};
        TrainRequest request = new TrainRequest(config, out, DeviceChoice.CPU, resume, false, false);
        return new TrainingSession(
                        request,
                        new PrintWriter(said),
                        new PrintWriter(said),
                        DataEnvironment.system(),
                        () -> asked[0]++ >= steps)
                .run();
    }

    private RunConfig config(String preset, String... settings) throws IOException {
        List<String> all = new ArrayList<>(
                List.of("train.batch=8", "train.steps=16", "data.source=" + images(), "train.warmup_steps=4"));
        all.addAll(List.of(settings));
        return TinyRun.config(preset, all.toArray(String[]::new));
    }

    private static List<Metrics> metrics(Path run) throws IOException {
        return MetricsLog.read(run.resolve("metrics.jsonl"));
    }

    private static List<Object> numbers(Metrics m) {
        return List.of(m.step(), m.epoch(), m.images(), m.loss(), m.smoothedLoss(), m.lossByT(), m.lr(), m.gradNorm());
    }

    /** An untrained model's loss is 0.96 to 1.26; this ends with 0.142 to 0.150, measured for the seeds 0 to 4. */
    @Test
    void learnsGlyphs() throws IOException {
        Path run = folder.resolve("run");
        Ran.of(
                        TinyRun.command(
                                run,
                                Path.of("glyphs"),
                                "--size 8x8 --steps 200 --batch 8 --lr 5e-3 --set train.warmup_steps=20"
                                        + " --set train.ema_decay=0.95 --set diffusion.kind=linear --set objective.prediction.kind=eps"))
                .ok();

        List<Metrics> lines = metrics(run);
        double last = lines.subList(150, 200).stream()
                .mapToDouble(Metrics::loss)
                .average()
                .orElseThrow();
        assertTrue(
                lines.get(0).loss() > 0.9, "the first loss is " + lines.get(0).loss());
        assertTrue(last < 0.2, "the mean loss of steps 151 to 200 is " + last);
    }

    /** The schedule is that of the whole run, so the run of 16 is what is stopped at 8. */
    @ParameterizedTest
    @ValueSource(strings = {"quick", "mnist", "textures", "cifar"})
    void aStoppedRunGoesOnBitForBit(String preset) throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        StringWriter said = new StringWriter();
        assertEquals(TrainingRun.Outcome.FINISHED, stopped(whole, config(preset), false, 1000, said));

        assertEquals(TrainingRun.Outcome.STOPPED, stopped(parts, config(preset), false, 8, said));
        assertTrue(said.toString()
                .contains("stopped at step 8 and saved; go on with: ddpm train --resume --out " + parts));
        assertEquals("step-00000008\n", Files.readString(parts.resolve("checkpoints/latest")));
        resume(parts, "").ok();

        assertEquals(4, TinyRun.checkpoint(whole, 16).size());
        assertEquals(TinyRun.checkpoint(whole, 16), TinyRun.checkpoint(parts, 16));
        assertEquals(Files.readString(whole.resolve("config.yaml")), Files.readString(parts.resolve("config.yaml")));
        assertEquals(16, metrics(parts).size());
        for (int i = 0; i < 16; i++) { // all but the times
            assertEquals(numbers(metrics(whole).get(i)), numbers(metrics(parts).get(i)));
        }
    }

    @Test
    void eightStepsAndEightMoreAreSixteen() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        train(whole, CONSTANT + " --steps 16");
        train(parts, CONSTANT + " --steps 8");
        Ran more = resume(parts, "--steps 16").ok();

        assertTrue(more.out().contains("resuming at step 8"), more.out());
        assertTrue(more.out().contains("train.steps=16 (was 8)"), more.out());
        assertEquals(TinyRun.checkpoint(whole, 16), TinyRun.checkpoint(parts, 16));
        assertEquals(Files.readString(whole.resolve("config.yaml")), Files.readString(parts.resolve("config.yaml")));
    }

    /** The rise to the full learning rate is the same however long the run. */
    @Test
    void aLongerCosineIsTheSameWithinTheWarmUp() throws IOException {
        String quick = "--preset quick --batch 8"; // warms up over 200 steps
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        train(whole, quick + " --steps 16");
        train(parts, quick + " --steps 8");
        resume(parts, "--steps 16").ok(); // without a warning

        assertEquals(TinyRun.checkpoint(whole, 16), TinyRun.checkpoint(parts, 16));
    }

    @Test
    void aLongerCosineIsAnotherRunAndThatIsSaid() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        train(whole, COSINE + " --steps 16");
        train(parts, COSINE + " --steps 8");
        resume(parts, "--steps 16").warned("the learning rates of the first 8 steps would have been others");

        assertNotEquals(TinyRun.checkpoint(whole, 16), TinyRun.checkpoint(parts, 16));
    }

    @Test
    void configRecordsWhatTheRunWasResumedWith() throws IOException {
        Path run = folder.resolve("run");
        train(run, CONSTANT + " --steps 4");
        Ran more = resume(run, "--epochs 1 --lr 2e-3 --save-every 3 --set sample.count=9")
                .warned("would have been others");

        assertTrue(more.out().contains("train.lr=0.002 (was 1.0E-4)"), more.out());
        RunConfig kept =
                new ConfigLoader("quick").file(run.resolve("config.yaml")).load();
        assertEquals(1, kept.train().epochs());
        assertEquals(null, kept.train().steps());
        assertEquals(2e-3, kept.train().lr());
        assertEquals(3, kept.train().saveEvery());
        assertEquals(9, kept.sample().count());
        assertEquals("step-00000006\n", Files.readString(run.resolve("checkpoints/latest")));
        assertEquals(2e-3, metrics(run).get(4).lr());
    }

    @ParameterizedTest
    @CsvSource({
        "--seed 9,                        seed=9 (was 0)",
        "--batch 4,                       train.batch=4 (was 8)",
        "--data glyphs,                   data.source=glyphs (was ",
        "--size 16x16,                    model.im_size=16 (was 8)",
        "--set data.flip=false,           data.flip=false (was true)",
        "--channels auto,                 data.channels=auto (was 1)",
        "--set model.num_heads=4,         model.num_heads=4 (was 2)",
        "'--set model.attention=[false]', 'model.attention=[false] (was [true])'",
        "--set diffusion.beta_end=0.01,   diffusion.beta_end=0.01 (was 0.02)",
    })
    void whatMakesTheRunWhatItIsCannotChange(String option, String named) throws IOException {
        Path run = folder.resolve("run");
        train(run, CONSTANT + " --steps 2");
        Map<String, String> before = TinyRun.files(run);

        resume(run, "--steps 4 " + option)
                .failed(2, "--resume: ", named, "cannot change within a run", "or start a new run with another --out");

        assertEquals(before, TinyRun.files(run));
    }

    @Test
    void aFinishedRunHasNothingToGoOnWith() throws IOException {
        Path run = folder.resolve("run");
        train(run, CONSTANT + " --steps 3");
        Map<String, String> before = TinyRun.files(run);

        assertTrue(resume(run, "").ok().out().contains("done: 3 steps"));
        assertEquals(before, TinyRun.files(run));
        resume(run, "--steps 2").failed(2, "has done 3 steps, more than the 2 asked for");
        assertEquals(before, TinyRun.files(run));
    }

    /** Images that were added or taken away would be another order, and a place in it that may not be there. */
    @Test
    void otherImagesInTheSameFolderAreNoticed() throws IOException {
        Path run = folder.resolve("run");
        train(run, CONSTANT + " --steps 8");
        TinyRun.idx(images(), IMAGES - 1);

        resume(run, "--steps 9")
                .failed(1, "are not those that the run began with (40 images now, 41 then)", "bring those back");
        Files.delete(run.resolve("data.jsonl")); // as a run of an earlier version
        resume(run, "--steps 9")
                .failed(1, "state.json", "cannot be reached with 40 images in batches of 8", "bring back the images");
    }

    /** Where fewer images of the epoch are left than a rehearsal takes. */
    @Test
    void resumesBeforeTheLastImageOfAnEpoch() throws IOException {
        Path run = folder.resolve("run");
        train(run, CONSTANT + " --steps 5");
        resume(run, "--steps 6").ok();
        assertEquals(1, metrics(run).get(5).epoch());
    }

    @Test
    void theRunFolderHoldsWhatIsPromised() throws IOException {
        Path run = folder.resolve("run");
        train(run, CONSTANT + " --steps 25 --save-every 5 --sample-every 10");

        List<String> expected = new ArrayList<>(List.of("checkpoints/latest"));
        for (String step : List.of("step-00000015", "step-00000020", "step-00000025")) {
            for (String file : List.of("ema.safetensors", "model.safetensors", "state.json", "trainer.safetensors")) {
                expected.add("checkpoints/" + step + "/" + file);
            }
        }
        expected.addAll(List.of("config.yaml", "data.jsonl", "loss.png", "metrics.jsonl"));
        List<Path> events = EventFile.in(run);
        assertEquals(1, events.size());
        expected.add(expected.indexOf("loss.png"), run.relativize(events.get(0)).toString());
        List.of("10", "20", "25").forEach(step -> expected.add("samples/step-000000" + step + ".png"));
        assertEquals(expected, List.copyOf(TinyRun.files(run).keySet()));
        assertEquals("step-00000025\n", Files.readString(run.resolve("checkpoints/latest")));

        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        assertEquals(25, lines.size());
        double seconds = 0;
        for (int i = 0; i < lines.size(); i++) {
            JsonNode line = new ObjectMapper().readTree(lines.get(i));
            List<String> keys = new ArrayList<>();
            line.fieldNames().forEachRemaining(keys::add);
            assertEquals(
                    "step epoch images loss smoothed_loss loss_by_t lr grad_norm images_per_s memory_bytes seconds",
                    String.join(" ", keys));
            assertEquals(4, line.get("loss_by_t").size());
            assertTrue(line.get("memory_bytes").asLong() > 0);
            assertEquals(i + 1, line.get("step").asLong());
            assertEquals((i + 1) / 6, line.get("epoch").asLong());
            assertEquals((i + 1) / 6 * 41 + (i + 1) % 6 * 8, line.get("images").asLong());
            assertTrue(line.get("seconds").asDouble() > seconds
                    && line.get("images_per_s").asDouble() > 0);
            seconds = line.get("seconds").asDouble();
        }
        BufferedImage preview =
                ImageIO.read(run.resolve("samples/step-00000025.png").toFile());
        int enlarged = 56 / TinyRun.SIDE * TinyRun.SIDE;
        assertEquals(2 * enlarged + 3 * 2, preview.getWidth()); // 2x2 images, a border of 2
        assertEquals(1, preview.getRaster().getNumBands());
    }

    @Test
    void sampleEvery0DrawsNothing() throws IOException {
        Path run = folder.resolve("run");
        train(run, CONSTANT + " --steps 2 --sample-every 0");
        assertEquals(List.of(), Checkpoints.names(run.resolve("samples")));
    }

    /**
     * The same seed gives the same bytes, drawn at once or in parts, with all files at once or one. On the CPU: a GPU's
     * libraries choose how to add by the size of the batch.
     */
    @Test
    void samplingIsDeterministic() throws IOException {
        Path run = folder.resolve("run");
        train(run, CONSTANT + " --steps 3");
        byte[] once = sampled(run, "a", "--batch 7 --grid " + folder.resolve("grid.png"));
        assertArrayEquals(once, sampled(run, "b", "--batch 7"));
        assertArrayEquals(once, sampled(run, "c", "--batch 3"));
        assertArrayEquals(once, sampled(run, "d", "--batch 1 --no-graph"));
        assertFalse(Arrays.equals(once, sampled(run, "e", "--batch 7 --seed 8")), "another seed");
    }

    private byte[] sampled(Path run, String name, String more) throws IOException {
        Path npy = folder.resolve(name + ".npy");
        Ran.of(("sample --device cpu --count 7 --sample-steps 4 --checkpoint " + run + " --npy " + npy + " " + more)
                        .split(" "))
                .ok();
        return Files.readAllBytes(npy);
    }

    /** What is in the files is all there is to a training. */
    @Test
    void aCheckpointComesBackAsItWas() throws IOException {
        Path run = folder.resolve("run");
        train(run, CONSTANT + " --steps 7");
        CheckpointStore store = new CheckpointStore(run);
        Checkpoint saved = store.load(store.latest().orElseThrow());
        RunConfig config =
                new ConfigLoader("quick").file(run.resolve("config.yaml")).load();
        try (var backend = new CpuBackend(Precision.FP32);
                Trainer trainer = new Trainer(config, backend, TinyRun.glyphs(IMAGES));
                RunFolder again = RunFolder.create(run, true)) {
            assertNotEquals("", TinyRun.difference(saved, trainer.snapshot().toHost()));
            assertEquals(7, TrainingRun.restore(trainer, again));
            assertEquals("", TinyRun.difference(saved, trainer.snapshot().toHost()));
        }
    }

    /** Before the first step there is something to save too: the run can be resumed as the message says. */
    @Test
    void stoppedBeforeTheFirstStep() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        StringWriter said = new StringWriter();
        stopped(whole, config("quick", "train.steps=3"), false, 1000, said);

        assertEquals(TrainingRun.Outcome.STOPPED, stopped(parts, config("quick", "train.steps=3"), false, 0, said));
        assertEquals("step-00000000\n", Files.readString(parts.resolve("checkpoints/latest")));
        assertEquals(TrainingRun.Outcome.FINISHED, stopped(parts, config("quick", "train.steps=3"), true, 1000, said));
        assertEquals(TinyRun.checkpoint(whole, 3), TinyRun.checkpoint(parts, 3));
    }

    @Test
    void stoppedInTheLastStepIsFinished() throws IOException {
        Path run = folder.resolve("run");
        assertEquals(
                TrainingRun.Outcome.FINISHED,
                stopped(run, config("quick", "train.steps=3"), false, 3, new StringWriter()));
        assertEquals("step-00000003\n", Files.readString(run.resolve("checkpoints/latest")));
    }

    /** The checkpoint comes first; the drawing ends after the denoising step it is at. */
    @Test
    void aStopDoesNotWaitForThePreview() throws IOException {
        Path run = folder.resolve("run");
        StringWriter said = new StringWriter();
        // asked before steps 1 and 2, before the preview of step 2, and in it
        RunConfig config = config("quick", "train.sample_every=2", "sample.steps=50");
        assertEquals(TrainingRun.Outcome.STOPPED, stopped(run, config, false, 4, said));
        assertTrue(said.toString().contains("no preview of step 2: asked to stop"), said.toString());
        assertEquals(List.of(), Checkpoints.names(run.resolve("samples")));
        assertEquals("step-00000002\n", Files.readString(run.resolve("checkpoints/latest")));
        Path whole = folder.resolve("whole");
        assertEquals(TrainingRun.Outcome.STOPPED, stopped(whole, config("quick"), false, 2, said));
        assertEquals(TinyRun.checkpoint(whole, 2), TinyRun.checkpoint(run, 2));
    }

    @Test
    void sameCommandSameBytes() throws IOException {
        String command = COSINE + " --steps 5 --sample-every 5";
        train(folder.resolve("one"), command);
        train(folder.resolve("two"), command);
        assertEquals(TinyRun.checkpoint(folder.resolve("one"), 5), TinyRun.checkpoint(folder.resolve("two"), 5));
        String preview = "samples/step-00000005.png";
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("one").resolve(preview)),
                Files.readAllBytes(folder.resolve("two").resolve(preview)));
    }
}
