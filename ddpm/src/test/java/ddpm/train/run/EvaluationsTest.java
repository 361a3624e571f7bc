package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.evaluate.QuickJudge.Finding;
import ddpm.tensorboard.EventFile;
import ddpm.tensorboard.EventReader;
import ddpm.testing.Replaying;
import ddpm.train.TinyRun;
import ddpm.train.Trainer;
import ddpm.train.checkpoint.CheckpointFolder;
import ddpm.train.checkpoint.Checkpoints;
import ddpm.train.run.TrainingRun.Outcome;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Evaluations on the way: what they keep, when they end a training, and that they change nothing else. */
class EvaluationsTest {
    private static final int STEPS = 16;
    private static final int EVERY = 2;
    private static final Finding REAL = new Finding(0.5, 0, 1, 1);

    /** Of the evaluations at steps 2, 4, ..., 16: the smallest at 4, once more at 10. */
    private static final double[] DISTANCES = {5, 3, 4, 4, 3, 6, 7, 8};

    @TempDir
    Path folder;

    private final StringWriter said = new StringWriter();
    private boolean ahead; // whether the device is asked for several steps at once

    private static RunConfig config(String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "train.batch=8",
                "train.steps=" + STEPS,
                "train.warmup_steps=4",
                "train.save_every=3",
                "train.evaluate_every=" + EVERY));
        all.addAll(List.of(settings));
        return TinyRun.config("quick", all.toArray(String[]::new));
    }

    /** @param distances of the evaluations in turn, whichever part of a run makes them; null for none */
    private Outcome train(Path out, boolean resume, RunConfig config, StopRequest stop, double... distances)
            throws IOException {
        try (CpuBackend backend = new CpuBackend(Precision.FP32);
                Trainer trainer = new Trainer(
                        config, ahead ? new Replaying(backend, true).backend() : backend, TinyRun.glyphs(41));
                RunFolder run = RunFolder.create(out, resume);
                Display display = Display.of(new PrintWriter(said), false, 0, STEPS)) {
            TrainingRun.restore(trainer, run);
            run.writeConfig(trainer.config());
            Evaluations.Judging judging = distances == null
                    ? null
                    : new Evaluations.Judging(4, REAL, drawn -> {
                        assertEquals(4, drawn.images().length);
                        assertEquals(trainer.step(), logged(run), "metrics come first");
                        return new Finding(distances[(int) trainer.step() / EVERY - 1], 0.1, 0.5, 0.25);
                    });
            return new TrainingRun(trainer, run, display, stop, null, Optional.empty(), null, judging).run();
        }
    }

    /** The step of the last line of metrics. */
    private static long logged(RunFolder run) {
        try {
            List<Metrics> lines = MetricsLog.read(run.metrics());
            return lines.get(lines.size() - 1).step();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Outcome train(Path out, String... settings) throws IOException {
        return train(out, false, config(settings), () -> false, DISTANCES);
    }

    private static List<Long> steps(Path run) throws IOException {
        return EvaluationLog.read(run.resolve("evaluations.jsonl")).stream()
                .map(EvaluationLine::step)
                .toList();
    }

    private void says(String part) {
        assertTrue(said.toString().contains(part), () -> "'" + part + "' is not in: " + said);
    }

    /** Of two steps asked for together the second is evaluated, when both have been told of. */
    @Test
    void onADeviceThatIsAskedForSeveralSteps() throws IOException {
        Path one = folder.resolve("one");
        Path together = folder.resolve("together");
        train(one, "train.log_every=2");
        ahead = true;
        train(together, "train.log_every=2");
        String lines = "evaluations.jsonl";
        assertEquals(Files.readString(one.resolve(lines)), Files.readString(together.resolve(lines)));
        assertEquals(TinyRun.checkpoint(one, 4), TinyRun.checkpoint(together, 4));
        assertEquals(TinyRun.checkpoint(one, STEPS), TinyRun.checkpoint(together, STEPS));
    }

    /** Features of a network whose weights have gone astray. */
    @Test
    void aDistanceThatIsNoNumberIsWorseThanAll() throws IOException {
        Path run = folder.resolve("run");
        train(run, false, config("train.steps=6"), () -> false, Double.NaN, 9, Double.NaN);
        assertEquals("step-00000004\n", Files.readString(run.resolve("checkpoints/best")));
    }

    /** Step 4 is none of save_every, and nine checkpoints are saved after it. */
    @Test
    void theBestIsKeptWhenLaterOnesAreWorse() throws IOException {
        Path run = folder.resolve("run");
        assertEquals(Outcome.FINISHED, train(run));
        assertEquals(
                List.of("best", "latest", "step-00000004", "step-00000012", "step-00000015", "step-00000016"),
                Checkpoints.names(run.resolve("checkpoints")));
        assertEquals("step-00000004\n", Files.readString(run.resolve("checkpoints/best")));
        assertEquals("step-00000016\n", Files.readString(run.resolve("checkpoints/latest")));
        assertEquals(
                new EvaluationLine(4, 4, new Finding(3, 0.1, 0.5, 0.25), REAL),
                EvaluationLog.read(run.resolve("evaluations.jsonl")).get(1));
        says("step 2: Frechet distance 5.000, real images 0.500, best so far");
        says("step 10: Frechet distance 3.000, real images 0.500, best 3.000 at step 4");
        says("best of the evaluations: step 4, Frechet distance 3.000, in " + run.resolve("checkpoints/best"));
        assertEquals(4, drawnFrom(run.resolve("checkpoints/best")));
        assertEquals(16, drawnFrom(run));
    }

    /** The step whose averaged weights {@code sample} takes: its images are those of that checkpoint and of no other. */
    private long drawnFrom(Path given) throws IOException {
        byte[] want = sampled(given);
        List<Long> same = new ArrayList<>();
        for (long step : List.of(4L, 12L, 15L, 16L)) {
            Path checkpoint = folder.resolve("run/checkpoints/" + CheckpointFolder.name(step));
            if (Arrays.equals(want, sampled(checkpoint))) {
                same.add(step);
            }
        }
        assertEquals(1, same.size());
        return same.get(0);
    }

    private byte[] sampled(Path checkpoint) throws IOException {
        Path npy = folder.resolve("drawn.npy");
        Files.deleteIfExists(npy);
        Ran.of(
                        "sample",
                        "--device",
                        "cpu",
                        "--count",
                        "2",
                        "--checkpoint",
                        checkpoint.toString(),
                        "--npy",
                        npy.toString())
                .ok();
        return Files.readAllBytes(npy);
    }

    /** Steps 6, 8 and 10 are no better than step 4. */
    @Test
    void aPlateauEndsTheTraining() throws IOException {
        Path run = folder.resolve("run");
        assertEquals(Outcome.FINISHED, train(run, "train.stop=plateau", "train.patience=3"));
        assertEquals(List.of(2L, 4L, 6L, 8L, 10L), steps(run));
        assertEquals("step-00000010\n", Files.readString(run.resolve("checkpoints/latest")));
        assertEquals("step-00000004\n", Files.readString(run.resolve("checkpoints/best")));
        says("plateau: 3 evaluations found no smaller Frechet distance than that of step 4; the training ends");

        Map<String, String> before = TinyRun.files(run);
        before.remove("loss.png");
        RunConfig same = config("train.stop=plateau", "train.patience=3");
        assertEquals(Outcome.FINISHED, train(run, true, same, () -> false, DISTANCES));
        Map<String, String> after = TinyRun.files(run);
        after.remove("loss.png");
        assertEquals(before, after, "it has ended");

        assertEquals(Outcome.FINISHED, train(run, true, config(), () -> false, DISTANCES));
        assertEquals(List.of(2L, 4L, 6L, 8L, 10L, 12L, 14L, 16L), steps(run));
    }

    /** Between steps, before an evaluation, and in its drawing, which an evaluation asks 3 times. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 6, 9, 20})
    void aResumedRunIsTheWholeRun(int asked) throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        RunConfig config = config("train.stop=plateau", "train.patience=3", "train.sample_every=4");
        assertEquals(Outcome.FINISHED, train(whole, false, config, () -> false, DISTANCES));
        int[] count = {0};
        assertEquals(Outcome.STOPPED, train(parts, false, config, () -> count[0]++ >= asked, DISTANCES));
        assertEquals(Outcome.FINISHED, train(parts, true, config, () -> false, DISTANCES));
        assertEquals(TinyRun.checkpoint(whole, 10), TinyRun.checkpoint(parts, 10));
        assertEquals(TinyRun.checkpoint(whole, 4), TinyRun.checkpoint(parts, 4));
        for (String file : List.of("evaluations.jsonl", "checkpoints/best", "checkpoints/latest")) {
            assertEquals(Files.readString(whole.resolve(file)), Files.readString(parts.resolve(file)), file);
        }
    }

    @Test
    void theTrainingIsTheSameWithoutThem() throws IOException {
        Path with = folder.resolve("with");
        Path without = folder.resolve("without");
        train(with);
        assertEquals(Outcome.FINISHED, train(without, false, config("train.evaluate_every=0"), () -> false, (double[])
                null));
        assertEquals(TinyRun.checkpoint(without, STEPS), TinyRun.checkpoint(with, STEPS));
        assertFalse(Files.exists(without.resolve("evaluations.jsonl")));
        assertFalse(Files.exists(without.resolve("checkpoints/best")));
    }

    /** What a killed run left: the line of its best step, and not yet the mark; lines of steps that are to come again. */
    @Test
    void afterAKillTheLinesCount() throws IOException {
        Path run = folder.resolve("run");
        train(run, "train.steps=4", "train.lr_schedule=constant");
        Path best = run.resolve("checkpoints/best");
        Files.writeString(best, "step-00000002\n");
        Path lines = run.resolve("evaluations.jsonl");
        String good = Files.readString(lines);
        Files.writeString(
                lines, good + new EvaluationLine(6, 4, new Finding(1, 0, 0, 0), REAL).toJson() + "\n{\"step\":");
        RunConfig same = config("train.steps=4", "train.lr_schedule=constant");
        assertEquals(Outcome.FINISHED, train(run, true, same, () -> false, DISTANCES));
        assertEquals("step-00000004\n", Files.readString(best));
        assertEquals(good, Files.readString(lines));
    }

    @Test
    void aLineComesBackAsItWas() {
        EvaluationLine line = new EvaluationLine(7, 256, new Finding(1.5, -0.25, 0, 1), REAL);
        assertEquals(line, EvaluationLine.fromJson(line.toJson()));
        EvaluationLine unknown = new EvaluationLine(7, 256, new Finding(Double.NaN, 0, 0, 0), REAL);
        assertEquals(unknown, EvaluationLine.fromJson(unknown.toJson()));
        String missing = line.toJson().replace("frechet", "other");
        var e = assertThrows(IllegalArgumentException.class, () -> EvaluationLine.fromJson(missing));
        assertEquals("frechet is missing, not a number", e.getMessage());
    }

    private Ran command(Path out, int images, String more) throws IOException {
        Path data = folder.resolve("data" + images);
        if (!Files.exists(data)) {
            TinyRun.idx(data, images);
        }
        return Ran.of(TinyRun.command(out, data, "--preset mnist --batch 8 --steps 5 " + more));
    }

    /** Images without labels, so a random network: nothing is taught. A third of them is held out. */
    @Test
    void withTheRealJudge() throws IOException {
        Path with = folder.resolve("with");
        Path without = folder.resolve("without");
        Ran ran = command(with, 120, "--set train.evaluate_every=2 --set train.evaluate_count=50")
                .ok();
        assertTrue(ran.out().contains("every 2 steps an evaluation of 40 images"), ran.out());
        command(without, 120, "").ok();
        assertEquals(TinyRun.checkpoint(without, 5), TinyRun.checkpoint(with, 5));
        List<EvaluationLine> lines = EvaluationLog.read(with.resolve("evaluations.jsonl"));
        assertEquals(List.of(2L, 4L, 5L), steps(with));
        List<EventReader.Read> points = EventReader.all(EventFile.in(with).get(0)).stream()
                .filter(e -> e.scalars().containsKey("evaluation/frechet_distance"))
                .toList();
        assertEquals(3, points.size());
        for (int i = 0; i < 3; i++) {
            EvaluationLine line = lines.get(i);
            assertEquals(40, line.images());
            assertTrue(line.distance() > 2 * line.real().frechet(), "noise is no digit: " + line);
            Map<String, Float> point = points.get(i).scalars();
            assertEquals(line.step(), points.get(i).step());
            assertEquals((float) line.distance(), point.get("evaluation/frechet_distance"));
            assertEquals((float) line.real().frechet(), point.get("evaluation/frechet_distance_of_real_images"));
            assertEquals((float) line.drawn().recall(), point.get("evaluation/recall"));
        }
    }

    @Test
    void tooFewImages() throws IOException {
        Path run = folder.resolve("run");
        command(run, 41, "--set train.evaluate_every=2")
                .failed(2, "train.evaluate_every", "has 41 images, of which 13 can be held out, and needed are 30");
        command(run, 41, "").ok(); // no run was left behind
    }
}
