package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.engine.backend.Backend;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.OnEachDevice;
import ddpm.testing.Replaying;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.settings.ConfigLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code objective.times: importance}: shares that change while a training runs, at the same steps however it is run. */
class ImportanceTest {
    private static final int IMAGES = 37; // batches of 8, the last of an epoch 5
    private static final int WARM = 12; // steps until each of 5 t has 2 losses, and shares change

    private static final List<List<String>> KINDS = List.of(
            List.of(),
            List.of("objective.weighting={kind: min_snr, gamma: 5}", "train.accumulate=2", "train.batch=4"),
            List.of("objective.variance=learned_range", "train.stratified_t=true"));

    private static Trainer trainer(Backend backend, List<String> more, String... others) {
        String[] settings = Stream.of(
                        Stream.of(
                                "objective.times={kind: importance, history: 2, every: 4}",
                                "train.batch=8",
                                "train.steps=40",
                                "diffusion.kind=linear",
                                "diffusion.timesteps=5",
                                "diffusion.beta_end=0.4",
                                "sample.sampler=ddpm"),
                        more.stream(),
                        Stream.of(others))
                .flatMap(s -> s)
                .toArray(String[]::new);
        return new Trainer(TinyRun.config("quick", settings), backend, TinyRun.glyphs(IMAGES));
    }

    private static List<Trainer.Result> run(Trainer trainer, int steps) {
        List<Trainer.Result> results = new ArrayList<>();
        while (results.size() < steps) {
            results.addAll(trainer.next(steps - results.size()));
        }
        return results;
    }

    /** Stopped at any step: before the first change of the shares, at it, between two; a simulated GPU takes longer, so there once. */
    @OnEachDevice
    void aResumedRunIsTheSame(Device device) {
        int[] stops = device.backend().asynchronous() ? new int[] {WARM + 2} : new int[] {3, WARM, WARM + 2};
        for (List<String> kind : device.backend().asynchronous() ? KINDS.subList(1, 3) : KINDS) {
            Map<Integer, Checkpoint> saved = new LinkedHashMap<>();
            try (Trainer straight = trainer(device.backend(), kind)) {
                int done = 0;
                for (int stop : stops) {
                    run(straight, stop - done);
                    saved.put(stop, straight.snapshot().toHost());
                    done = stop;
                }
                run(straight, WARM + 7 - done);
                Checkpoint want = straight.snapshot().toHost();
                saved.forEach((stop, checkpoint) -> {
                    try (Trainer resumed = trainer(device.backend(), kind)) {
                        resumed.restore(checkpoint, Path.of("folder"));
                        run(resumed, WARM + 7 - stop);
                        assertEquals(
                                "", TinyRun.difference(want, resumed.snapshot().toHost()), kind + " from " + stop);
                    }
                });
            }
        }
    }

    /** As on a device that records a step: the table is written between steps only, and to where it was. */
    @OnEachDevice
    void aStepCanBeRecordedAndReplayed(Device device) {
        for (List<String> kind : device.backend().asynchronous() ? KINDS.subList(2, 3) : KINDS) {
            Replaying replaying = new Replaying(device.backend(), true);
            try (Trainer plain = trainer(device.backend(), kind);
                    Trainer replayed = trainer(replaying.backend(), kind)) {
                assertEquals(run(plain, WARM + 6), run(replayed, WARM + 6));
            }
        }
    }

    /** Step by step, and many asked for at once. */
    @OnEachDevice
    void theStepsDoNotDependOnHowManyAreAskedFor(Device device) {
        try (Trainer many = trainer(device.backend(), List.of());
                Trainer single = trainer(device.backend(), List.of())) {
            List<Trainer.Result> want = run(many, WARM + 6);
            for (int i = 0; i < want.size(); i++) {
                assertEquals(want.get(i), single.next(1).get(0));
            }
        }
    }

    /** The same draws while all are alike; then others, and the loss is still a mean over all t. */
    @Test
    void sharesChangeWhatIsDrawn() {
        Backend cpu = Devices.cpu().backend();
        try (Trainer uniform = trainer(cpu, List.of(), "objective.times={kind: uniform}");
                Trainer importance = trainer(cpu, List.of())) {
            List<Trainer.Result> want = run(uniform, 40);
            List<Trainer.Result> got = run(importance, 40);
            assertEquals(want.get(0), got.get(0));
            assertEquals(want.get(3), got.get(3));
            assertNotEquals(want.get(39).loss(), got.get(39).loss());
        }
    }

    @Test
    void lossesByTAreKeptInTheCheckpoint() {
        Backend cpu = Devices.cpu().backend();
        try (Trainer importance = trainer(cpu, List.of());
                Trainer uniform = trainer(cpu, List.of(), "objective.times={kind: uniform}")) {
            run(importance, 2);
            Checkpoint with = importance.snapshot().toHost();
            assertTrue(with.trainer().containsKey("importance/losses"));
            float sum = 0;
            for (float count : with.trainer().get("importance/counts").toFloats()) {
                sum += count;
            }
            assertTrue(sum > 5 && sum <= 10, "losses of 16 images, 2 of each t at most: " + sum);
            Checkpoint without = uniform.snapshot().toHost();
            String missing = assertThrows(UserError.class, () -> importance.restore(without, Path.of("folder")))
                    .getMessage();
            assertTrue(missing.contains("the run began with other objective.times"), missing);
            String surplus = assertThrows(UserError.class, () -> uniform.restore(with, Path.of("folder")))
                    .getMessage();
            assertTrue(surplus.contains("3 tensors of no parameter"), surplus);
        }
    }

    @Test
    void settingsAreChecked() {
        for (String wrong : List.of("history=0", "uniform=0", "every=0")) {
            String message = assertThrows(UserError.class, () -> new ConfigLoader("quick")
                            .set(List.of("objective.times.kind=importance", "objective.times." + wrong))
                            .load())
                    .getMessage();
            assertTrue(message.contains("objective.times." + wrong.split("=")[0]), message);
        }
    }
}
