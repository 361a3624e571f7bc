package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.CudaBackend;
import ddpm.engine.backend.cuda.CudaOptions;
import ddpm.engine.optim.NotFiniteException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.OnEachDevice;
import ddpm.testing.Replaying;
import ddpm.testing.Watching;
import ddpm.train.run.Display;
import ddpm.train.run.RunFolder;
import ddpm.train.run.TrainingRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training reads back and when, and how often a GPU is told the same step. */
class StepsAheadTest {
    private static final int IMAGES = 21; // an epoch is 2 batches of 8 and one of 5
    private static final int STEPS = 20;

    /** Warm-up into cosine, and clipping that bites. */
    private static final String[] CLIPPED = {
        "train.lr_schedule=cosine", "train.warmup_steps=4", "train.clip_grad_norm=0.5", "train.stratified_t=true"
    };

    private static Trainer trainer(Backend backend, String... more) {
        List<String> settings = new ArrayList<>(List.of("train.batch=8", "train.steps=30", "train.lr=3e-3"));
        settings.addAll(List.of(more));
        return new Trainer(TinyRun.config("quick", settings.toArray(String[]::new)), backend, TinyRun.glyphs(IMAGES));
    }

    /** The notes of steps that are read after the last of them: their results, and what each image cost. */
    private static List<String> readAfter(int steps) {
        List<String> notes = new ArrayList<>(Collections.nCopies(steps, "run"));
        notes.addAll(List.of("download", "download"));
        return notes;
    }

    @OnEachDevice
    void oneReadForAllStepsAskedFor(Device device) {
        Watching watching = new Watching(device.backend());
        try (Trainer trainer = trainer(watching.backend())) {
            watching.events();
            for (int most : new int[] {1, 5, 100}) {
                int want = device.backend().asynchronous() ? Math.min(most, TrainingStep.AHEAD) : 1;
                assertEquals(want, trainer.next(most).size());
                assertEquals(readAfter(want), watching.events());
            }
        }
    }

    /** log_every is 7: a GPU is read after 7, 14 and 20 steps, a device that computes at once after each. */
    @OnEachDevice
    void theLossIsReadWhenALineOfMetricsIsDue(Device device, @TempDir Path folder) throws IOException {
        Watching watching = new Watching(device.backend());
        try (Trainer trainer = trainer(
                        watching.backend(), "train.steps=" + STEPS, "train.log_every=7", "train.save_every=1000");
                RunFolder run = RunFolder.create(folder.resolve("run"), false);
                Display display = Display.of(new PrintWriter(new StringWriter()), true, 0, STEPS)) {
            watching.events();
            assertEquals(
                    TrainingRun.Outcome.FINISHED,
                    new TrainingRun(trainer, run, display, () -> false, null, Optional.empty(), null, null).run());
            List<String> want = new ArrayList<>();
            if (device.backend().asynchronous()) {
                List.of(7, 7, 6).forEach(n -> want.addAll(readAfter(n)));
            } else {
                Collections.nCopies(STEPS, 1).forEach(n -> want.addAll(readAfter(n)));
            }
            List<String> noted = watching.events();
            assertEquals(want, noted.subList(0, want.size()));
            assertTrue(noted.subList(want.size(), noted.size()).stream().allMatch("download"::equals), "a checkpoint");
        }
    }

    private static List<Trainer.Result> oneByOne(Trainer trainer, int steps) {
        List<Trainer.Result> results = new ArrayList<>();
        while (results.size() < steps) {
            results.addAll(trainer.next(1));
        }
        return results;
    }

    private static void assertSame(Trainer a, Trainer b) {
        assertEquals("", TinyRun.difference(a.snapshot().toHost(), b.snapshot().toHost()));
    }

    /** Steps asked for together are the steps asked for one by one. */
    @OnEachDevice
    void stepsAskedForTogetherAreTheSameSteps(Device device) {
        try (Trainer one = trainer(device.backend(), CLIPPED);
                Trainer ahead = trainer(new Replaying(device.backend(), true).backend(), CLIPPED)) {
            List<Trainer.Result> results = new ArrayList<>();
            results.addAll(ahead.next(1));
            results.addAll(ahead.next(4));
            assertEquals(5, ahead.step());
            results.addAll(ahead.next(100));
            assertEquals(5 + TrainingStep.AHEAD, results.size(), "as many as there is room for");
            assertEquals(oneByOne(one, results.size()), results);
            assertSame(one, ahead);
        }
    }

    /** Of the steps asked for together one fails, and the others after it do nothing. */
    @OnEachDevice
    void aStepAheadThatFailsLeavesTheWeightsBeforeIt(Device device) {
        List<String> wildness = List.of("train.lr=1", "train.lr=0.5");
        for (String lr :
                device.backend().asynchronous() ? wildness.subList(0, 1) : wildness) { // a simulated GPU takes longer
            String[] wild = {lr, "train.clip_grad_norm=0", "train.warmup_steps=0", "train.eps=1e-30", "train.beta2=0"};
            try (Trainer one = trainer(device.backend(), wild);
                    Trainer ahead = trainer(new Replaying(device.backend(), true).backend(), wild)) {
                List<Trainer.Result> before = new ArrayList<>();
                var e = assertThrows(NotFiniteException.class, () -> {
                    while (before.size() < 200) {
                        before.addAll(one.next(1));
                    }
                });
                List<Trainer.Result> results = new ArrayList<>();
                var same = assertThrows(NotFiniteException.class, () -> {
                    while (results.size() < 200) {
                        results.addAll(ahead.next(TrainingStep.AHEAD));
                    }
                });
                assertEquals(e.getMessage(), same.getMessage());
                assertEquals(before, results);
                assertTrue(before.size() % TrainingStep.AHEAD != 0, "fails within a group: " + before.size());
                assertSame(one, ahead);
            }
        }
    }

    /** The first step of a batch size is plain, the second is recorded, all others are replayed; no bit depends on it. */
    @Test
    @Tag("cuda")
    void eachBatchSizeIsRecordedOnce() {
        Watching graphs = new Watching(Devices.cuda().backend());
        List<Trainer.Result> results = new ArrayList<>();
        try (Trainer trainer = trainer(graphs.backend());
                Backend real = new CudaBackend(new CudaOptions(Precision.FP32, false, 0))) {
            Watching plain = new Watching(real);
            try (Trainer other = trainer(plain.backend())) {
                List<Trainer.Result> otherResults = new ArrayList<>();
                while (results.size() < STEPS) {
                    results.addAll(trainer.next(STEPS - results.size()));
                    otherResults.addAll(other.next(STEPS - otherResults.size()));
                }
                assertEquals(otherResults, results);
                assertEquals(
                        "",
                        TinyRun.difference(
                                other.snapshot().toHost(), trainer.snapshot().toHost()));
            }
            assertEquals(2 + 2, graphs.bodies());
            assertEquals(STEPS, plain.bodies());
        }
    }
}
