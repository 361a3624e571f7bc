package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.data.ImageSet;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.optim.NotFiniteException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.picture.Drawn;
import ddpm.sample.ImageSampler;
import ddpm.testing.Replaying;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.checkpoint.TrainerState;
import ddpm.train.settings.SampleConfig;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class TrainerTest {
    private static final int IMAGES = 37;
    private static final int BATCH = 8; // an epoch is 4 batches of 8 and one of 5
    private static final int STEPS = 13; // two epochs, and 3 batches of the third

    /** Everything at once: warm-up into cosine, clipping that bites, flips, stratified timesteps. */
    private static final String[] ALL = {
        "train.batch=" + BATCH,
        "train.steps=" + STEPS,
        "train.lr_schedule=cosine",
        "train.warmup_steps=4",
        "train.clip_grad_norm=0.5",
        "train.stratified_t=true",
        "data.flip=true",
        "train.lr=3e-3"
    };

    private static final Path STATE = Path.of("state.json");

    private static Trainer trainer(Device device, ImageSet images, String... settings) {
        return new Trainer(TinyRun.config("quick", settings), device.backend(), images);
    }

    private static Trainer trainer(Backend backend, String... settings) {
        return new Trainer(TinyRun.config("quick", settings), backend, TinyRun.glyphs(IMAGES));
    }

    private static Trainer trainer(Device device, String... settings) {
        return trainer(device, TinyRun.glyphs(IMAGES), settings);
    }

    private static List<Trainer.Result> run(Trainer trainer, int steps) {
        List<Trainer.Result> results = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            results.addAll(trainer.next(1));
        }
        return results;
    }

    @OnEachDevice
    void firstStepGivesBackWhatStartUpLeft(Device device) {
        try (Trainer trainer = trainer(device)) {
            WeakReference<byte[]> left = new WeakReference<>(new byte[1 << 20]);
            trainer.next(1);
            assertNull(left.get());
        }
    }

    private static Checkpoint after(Device device, int steps, ImageSet images, String... settings) {
        try (Trainer trainer = trainer(device, images, settings)) {
            run(trainer, steps);
            return trainer.snapshot().toHost();
        }
    }

    private static String[] plus(String[] some, String... more) {
        List<String> all = new ArrayList<>(List.of(some));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static void assertSame(Checkpoint a, Checkpoint b, String when) {
        assertEquals("", TinyRun.difference(a, b), when);
    }

    private static void assertDiffers(Checkpoint a, Checkpoint b) {
        assertTrue(!a.model().equals(b.model()) || !a.trainer().equals(b.trainer()), "the same weights and moments");
    }

    @OnEachDevice
    void twoTrainersGiveTheSameBits(Device device) {
        try (Trainer one = trainer(device, ALL);
                Trainer other = trainer(device, ALL)) {
            assertSame(one.snapshot().toHost(), other.snapshot().toHost(), "");
            assertEquals(run(one, STEPS), run(other, STEPS));
            assertSame(one.snapshot().toHost(), other.snapshot().toHost(), "");
        }
        ImageSet some = TinyRun.glyphs(IMAGES);
        assertDiffers(after(device, 1, some, ALL), after(device, 1, some, plus(ALL, "seed=1")));
    }

    /** From after a step of a run, wherever in an epoch it is. */
    @OnEachDevice
    void resumeIsBitExactAnywhere(Device device) {
        for (String[] settings : List.of(
                ALL,
                plus(
                        ALL,
                        "train.lr_schedule=constant",
                        "train.clip_grad_norm=0",
                        "train.optimizer=adamw",
                        "train.weight_decay=0.1",
                        "train.stratified_t=false",
                        "train.ema_decay=0.15"))) { // reached during the warm-up of the average
            List<Checkpoint> at = new ArrayList<>();
            List<Trainer.Result> results = new ArrayList<>();
            try (Trainer whole = trainer(device, settings)) {
                for (int i = 0; i < STEPS; i++) {
                    at.add(whole.snapshot().toHost());
                    results.addAll(whole.next(1));
                }
                at.add(whole.snapshot().toHost());
            }
            // before and after the smaller last batch of an epoch, at the end; the simulated GPU takes longer
            int[] from = device.backend().asynchronous()
                    ? settings == ALL ? new int[] {5, 12} : new int[] {4}
                    : new int[] {0, 1, 3, 4, 5, 8, 11};
            for (int done : from) {
                try (Trainer resumed = trainer(device, settings)) {
                    resumed.requireReachable(at.get(done).state(), STATE);
                    resumed.restore(at.get(done), Path.of("folder"));
                    assertEquals(results.subList(done, STEPS), run(resumed, STEPS - done), "from " + done);
                    assertSame(at.get(STEPS), resumed.snapshot().toHost(), "from " + done);
                }
            }
        }
    }

    @OnEachDevice
    void theLastBatchOfAnEpochIsKeptAndWeighted(Device device) {
        try (Trainer trainer = trainer(device, ALL)) {
            for (int epoch = 1; epoch <= 2; epoch++) {
                List<Trainer.Result> results = run(trainer, 5);
                assertEquals(
                        List.of(8, 8, 8, 8, 5),
                        results.stream().map(Trainer.Result::batch).toList());
                double sum = 0;
                for (Trainer.Result r : results) {
                    sum += r.loss() * r.batch();
                }
                assertTrue(results.subList(0, 4).stream().allMatch(r -> Double.isNaN(r.epochLoss())));
                assertEquals(sum / IMAGES, results.get(4).epochLoss(), 1e-12);
                assertEquals(epoch, results.get(4).epoch());
                assertEquals(epoch * IMAGES, results.get(4).images());
            }
        }
    }

    /** A batch larger than the set is the set. */
    @OnEachDevice
    void fewerImagesThanABatch(Device device) {
        try (Trainer trainer = trainer(device, TinyRun.glyphs(3), ALL)) {
            Trainer.Result r = trainer.next(1).get(0);
            assertEquals(3, r.batch());
            assertEquals(r.loss(), r.epochLoss(), 1e-12);
            assertEquals(1, r.epoch());
        }
    }

    /** Images that are their own mirror image cannot tell whether they are flipped. */
    @OnEachDevice
    void flipChangesTheImagesAndNothingElse(Device device) {
        String[] off = plus(ALL, "data.flip=false");
        ImageSet some = TinyRun.glyphs(IMAGES);
        assertDiffers(after(device, 3, some, off), after(device, 3, some, ALL));
        ImageSet mirrored = mirrored(some);
        assertSame(after(device, 3, mirrored, off), after(device, 3, mirrored, ALL), "");
    }

    private static ImageSet mirrored(ImageSet set) {
        byte[][] images = new byte[set.count()][];
        for (int i = 0; i < images.length; i++) {
            byte[] image = set.images()[i].clone();
            for (int k = 0; k < image.length; k++) {
                int x = k % set.width();
                image[k] = set.images()[i][k - x + Math.min(x, set.width() - 1 - x)];
            }
            images[i] = image;
        }
        return new ImageSet("mirrored", set.height(), set.width(), set.channels(), images, List.of());
    }

    /** A batch of one has one stratum, all timesteps. */
    @OnEachDevice
    void stratificationChangesTheTimestepsAndNothingElse(Device device) {
        ImageSet some = TinyRun.glyphs(IMAGES);
        String[] off = plus(ALL, "train.stratified_t=false");
        assertDiffers(after(device, 3, some, off), after(device, 3, some, ALL));
        String one = "train.batch=1";
        assertSame(after(device, 3, some, plus(off, one)), after(device, 3, some, plus(ALL, one)), "");
    }

    @OnEachDevice
    void theLearningRateIsThatOfTheConfiguration(Device device) {
        try (Trainer trainer = trainer(device, ALL)) {
            for (Trainer.Result r : run(trainer, STEPS)) {
                double k = r.step();
                double want = k <= 4 ? 3e-3 * k / 4 : 3e-3 * 0.5 * (1 + Math.cos(Math.PI * (k - 5) / (STEPS - 4)));
                assertEquals(want, r.lr(), 1e-15, "step " + k);
            }
        }
        try (Trainer trainer = trainer(device, plus(ALL, "train.lr_schedule=constant", "train.warmup_steps=2"))) {
            assertEquals(
                    List.of(1.5e-3, 3e-3, 3e-3, 3e-3),
                    run(trainer, 4).stream().map(Trainer.Result::lr).toList());
        }
    }

    /** Adam's first step moves a weight by lr * g / (|g| + eps), that is by lr wherever g is not tiny. */
    @OnEachDevice
    void theLearningRateReachesTheWeights(Device device) {
        try (Trainer trainer = trainer(device, plus(ALL, "train.clip_grad_norm=0"))) {
            var before = trainer.snapshot().toHost().model();
            double lr = trainer.next(1).get(0).lr();
            var after = trainer.snapshot().toHost().model();
            double largest = 0;
            for (String name : before.keySet()) {
                float[] a = before.get(name).toFloats();
                float[] b = after.get(name).toFloats();
                for (int i = 0; i < a.length; i++) {
                    largest = Math.max(largest, Math.abs((double) b[i] - a[i]));
                }
            }
            assertEquals(lr, largest, 0.01 * lr);
        }
    }

    @OnEachDevice
    void clippingScalesTheGradientNotItsReport(Device device) {
        ImageSet some = TinyRun.glyphs(IMAGES);
        try (Trainer clipped = trainer(device, some, plus(ALL, "train.clip_grad_norm=1e-3"));
                Trainer free = trainer(device, some, plus(ALL, "train.clip_grad_norm=0"))) {
            assertEquals(free.next(1).get(0).gradNorm(), clipped.next(1).get(0).gradNorm());
            assertDiffers(free.snapshot().toHost(), clipped.snapshot().toHost());
        }
    }

    @OnEachDevice
    void aLossThatIsNotFiniteStopsBeforeTheWeightsChange(Device device) {
        assertStopsUntouched(device, Map.of("conv_out.weight", 1e30f), "the loss is ");
    }

    /** The loss is 1e8, and the gradient of conv_out.weight is the sum of 1152 products of 1e36 and 17. */
    @OnEachDevice
    void aGradientThatIsNotFiniteStopsBeforeTheWeightsChange(Device device) {
        assertStopsUntouched(
                device,
                Map.of("norm_out.weight", 1e36f, "conv_out.weight", 0f, "conv_out.bias", 1e4f),
                "conv_out.weight");
    }

    private static void assertStopsUntouched(Device device, Map<String, Float> weights, String message) {
        try (Trainer trainer = trainer(device, ALL)) {
            run(trainer, 2);
            trainer.restore(TinyRun.with(trainer.snapshot().toHost(), weights), Path.of("folder"));
            Checkpoint before = trainer.snapshot().toHost();
            var e = assertThrows(NotFiniteException.class, () -> trainer.next(1));
            assertTrue(e.getMessage().contains(message), e.getMessage());
            assertTrue(e.getMessage().contains("lower the learning rate"), e.getMessage());
            assertSame(before, trainer.snapshot().toHost(), "");
        }
    }

    /** One batch size after the other, across the smaller batch at an epoch's end; rehearsed before, as a run is. */
    @OnEachDevice
    void aStepCanBeRecordedAndReplayed(Device device) {
        List<Trainer.Result> plain = new ArrayList<>();
        try (Trainer trainer = trainer(device, ALL)) {
            plain.addAll(run(trainer, STEPS));
        }
        Replaying replaying = new Replaying(device.backend(), false);
        try (Trainer trainer = trainer(replaying.backend(), ALL)) {
            trainer.rehearse(2);
            assertEquals(plain, run(trainer, STEPS));
        }
        assertEquals(STEPS, replaying.runs());
        assertEquals(STEPS - 4, replaying.repeated(), "all but the first two of each batch size");
    }

    @OnEachDevice
    void aRehearsalChangesNothing(Device device) {
        try (Trainer rehearsing = trainer(device, ALL);
                Trainer plain = trainer(device, ALL)) {
            for (int i = 0; i < 6; i++) {
                rehearsing.rehearse(i + 1);
                rehearsing.rehearse(1000); // more than there are, also in the middle of an epoch
                assertEquals(plain.next(1).get(0), rehearsing.next(1).get(0));
            }
            assertSame(plain.snapshot().toHost(), rehearsing.snapshot().toHost(), "");
        }
    }

    @OnEachDevice
    void drawingWithTheAveragedWeightsChangesNothing(Device device) {
        try (Trainer trainer = trainer(device, ALL)) {
            run(trainer, 3);
            Checkpoint before = trainer.snapshot().toHost();
            var averaged = trainer.averaged(() -> trainer.model().parameters().toHost());
            assertTrue(before.ema().equals(averaged) && !before.model().equals(averaged));
            assertSame(before, trainer.snapshot().toHost(), "");
        }
    }

    /** The whole network, two batches of a chain: a preview between steps. */
    @OnEachDevice
    void drawingCanBeReplayed(Device device) {
        Replaying replaying = new Replaying(device.backend(), true);
        try (Trainer plain = trainer(device, ALL);
                Trainer replayed = trainer(replaying.backend(), ALL)) {
            run(plain, 3);
            replayed.next(3);
            assertArrayEquals(draw(plain).images(), draw(replayed).images());
            assertEquals(plain.next(1), replayed.next(1));
        }
        assertEquals(3 + 2 * 5 + 1, replaying.runs());
    }

    private static Drawn draw(Trainer trainer) {
        var size = trainer.config().model().imSize();
        var config = new SampleConfig("ddim", 5, 1, 0, "trailing", true, 0, 5);
        var sampler = new ImageSampler(trainer.backend(), trainer.trained(), config, 9, size, 1);
        return trainer.averaged(() -> sampler.draw(5, 3));
    }

    @OnEachDevice
    void memoryStaysFlat(Device device) {
        MemoryOps memory = device.backend().memory();
        memory.trim();
        int epoch = 5;
        try (Trainer trainer = trainer(device, plus(ALL, "train.steps=60"))) {
            run(trainer, epoch);
            memory.resetPeak();
            run(trainer, epoch);
            MemoryOps.Stats early = memory.stats();
            run(trainer, (device.backend().asynchronous() ? 3 : 10) * epoch); // the simulated GPU takes longer
            assertEquals(early, memory.stats());
        }
    }

    @OnEachDevice
    void closingGivesAllMemoryBack(Device device) {
        MemoryOps memory = device.backend().memory();
        long before = memory.stats().usedBytes();
        try (Trainer trainer = trainer(device, ALL)) {
            run(trainer, 2);
            assertTrue(memory.stats().usedBytes() > before);
        }
        assertEquals(before, memory.stats().usedBytes());
    }

    @OnEachDevice
    void countsThatDoNotFitTheImagesAreSeen(Device device) {
        try (Trainer trainer = trainer(device, ALL)) {
            run(trainer, 7);
            TrainerState s = trainer.snapshot().state();
            trainer.requireReachable(s, STATE);
            assertEquals(new TrainerState(7, 1, 16, 53, s.epochLossSum(), 16), s);
            try (Trainer fewer = trainer(device, TinyRun.glyphs(IMAGES - 1), ALL);
                    Trainer larger = trainer(device, plus(ALL, "train.batch=32"))) {
                assertUnreachable(fewer, s);
                assertUnreachable(larger, s);
            }
            assertUnreachable(trainer, new TrainerState(8, 1, 16, 53, 0, 16)); // a step too many
            assertUnreachable(trainer, new TrainerState(7, 1, 16, 54, 0, 16)); // an image
            assertUnreachable(trainer, new TrainerState(7, 1, 16, 53, 0, 15)); // an image missing in the loss
            assertUnreachable(trainer, new TrainerState(6, 1, 12, 49, 0, 12)); // half a batch
            assertUnreachable(trainer, new TrainerState(5, 0, 40, 40, 0, 40)); // beyond the end
        }
    }

    private static void assertUnreachable(Trainer trainer, TrainerState s) {
        var e = assertThrows(UserError.class, () -> trainer.requireReachable(s, STATE));
        assertTrue(e.getMessage().startsWith(STATE + ": step " + s.step()), e.getMessage());
    }
}
