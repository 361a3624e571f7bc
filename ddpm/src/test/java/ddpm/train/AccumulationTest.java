package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.testing.Replaying;
import ddpm.train.checkpoint.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** A batch computed in parts: the steps of the whole batch but for the order of sums, in the memory of one part. */
class AccumulationTest {
    private static final int IMAGES = 37; // the last of five batches of 8 has 5 images: parts of 4 and 1, or of 3 and 2
    private static final int STEPS = 11;

    private static String[] settings(int batch, int accumulate) {
        return new String[] {
            "train.batch=" + batch,
            "train.accumulate=" + accumulate,
            "train.steps=" + STEPS,
            "train.clip_grad_norm=0.5",
            "train.stratified_t=true",
            "data.flip=true",
            "train.lr=1e-3"
        };
    }

    private static Trainer trainer(Backend backend, int batch, int accumulate) {
        return new Trainer(TinyRun.config("quick", settings(batch, accumulate)), backend, TinyRun.glyphs(IMAGES));
    }

    private static List<Trainer.Result> run(Trainer trainer, int steps) {
        List<Trainer.Result> results = new ArrayList<>();
        while (results.size() < steps) {
            results.addAll(trainer.next(steps - results.size()));
        }
        return results;
    }

    /**
     * The same images, noise and t, so the first losses differ by the rounding of a mean of 8 means, and the norms by that of
     * sums of so many images' gradients; later steps start from weights that differ by as much.
     */
    @OnEachDevice
    void partsAreTheWholeBatch(Device device) {
        try (Trainer whole = trainer(device.backend(), 8, 1);
                Trainer fours = trainer(device.backend(), 4, 2);
                Trainer threes = trainer(device.backend(), 3, 3)) {
            List<Trainer.Result> want = run(whole, STEPS);
            List<Trainer.Result> got = run(fours, STEPS);
            for (int i = 0; i < STEPS; i++) {
                Trainer.Result w = want.get(i);
                Trainer.Result g = got.get(i);
                assertEquals(w.batch(), g.batch(), "step " + w.step());
                assertEquals(w.images(), g.images());
                assertEquals(w.epoch(), g.epoch());
                assertEquals(w.loss(), g.loss(), (i == 0 ? 1e-6 : 1e-4) * w.loss(), "loss of step " + w.step());
                assertEquals(
                        w.gradNorm(), g.gradNorm(), (i == 0 ? 1e-5 : 1e-3) * w.gradNorm(), "norm of step " + w.step());
            }
            assertEquals(9, run(threes, 1).get(0).batch());
        }
    }

    @OnEachDevice
    void aResumedRunIsTheSame(Device device) {
        try (Trainer straight = trainer(device.backend(), 3, 2);
                Trainer first = trainer(device.backend(), 3, 2);
                Trainer second = trainer(device.backend(), 3, 2)) {
            run(straight, 9);
            run(first, 7); // one batch into the second epoch, whose last had one image
            Checkpoint between = first.snapshot().toHost();
            second.requireReachable(between.state(), Path.of("state.json"));
            second.restore(between, Path.of("folder"));
            run(second, 2);
            assertEquals(
                    "",
                    TinyRun.difference(
                            straight.snapshot().toHost(), second.snapshot().toHost()));
        }
    }

    /** One part's activations, and one more set of gradients: 4 bytes for each parameter. */
    @OnEachDevice
    void takesTheMemoryOfOnePart(Device device) {
        long part = peak(device, 4, 1);
        long parts = peak(device, 4, 8);
        long whole = peak(device, 32, 1);
        long gradients;
        try (Trainer trainer = trainer(device.backend(), 4, 1)) {
            gradients = trainer.model().parameters().count() * Float.BYTES;
        }
        assertTrue(
                parts <= part + 3 * gradients / 2, parts + " bytes, of one part " + part + ", gradients " + gradients);
        assertTrue(parts < whole, parts + " bytes, of the whole batch " + whole);
    }

    private static long peak(Device device, int batch, int accumulate) {
        MemoryOps memory = device.backend().memory();
        memory.trim();
        long before = memory.stats().usedBytes();
        try (Trainer trainer = trainer(device.backend(), batch, accumulate)) {
            run(trainer, 1);
            memory.resetPeak();
            run(trainer, 1);
            return memory.stats().peakBytes() - before;
        }
    }

    /** First parts, later parts and the update are bodies of their own, each the same every time. */
    @OnEachDevice
    void partsCanBeRecordedAndReplayed(Device device) {
        Replaying replaying = new Replaying(device.backend(), true);
        try (Trainer plain = trainer(device.backend(), 4, 2);
                Trainer replayed = trainer(replaying.backend(), 4, 2)) {
            assertEquals(run(plain, 8), run(replayed, 8));
        }
        // 7 steps of 8 images in two parts and one of 5 in two, each with an update
        assertEquals(8 * 3, replaying.runs());
    }

    @OnEachDevice
    void whatCannotBeReachedIsRefused(Device device) {
        try (Trainer eights = trainer(device.backend(), 8, 1);
                Trainer fours = trainer(device.backend(), 4, 1)) {
            run(eights, 2);
            Checkpoint between = eights.snapshot().toHost();
            var e = Assertions.assertThrows(
                    UserError.class, () -> fours.requireReachable(between.state(), Path.of("state.json")));
            assertTrue(e.getMessage().contains("in batches of 4"), e.getMessage());
        }
    }
}
