package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.CudaBackend;
import ddpm.engine.backend.cuda.CudaOptions;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.SimulatorOption;
import ddpm.picture.Drawn;
import ddpm.sample.ImageSampler;
import ddpm.train.checkpoint.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A training on a GPU that lags behind as far as it may: where a wait is missing, bits differ. */
@Tag("cuda")
class DeferredTrainingTest {
    private static final int IMAGES = 21; // an epoch is 2 batches of 8 and one of 5
    private static final int[] ASKED = {1, 4, 2, 6}; // steps asked for before their results are read

    /** What a training and a sampling with its weights give. */
    private record Outcome(Checkpoint checkpoint, List<Trainer.Result> results, Drawn drawn) {}

    private static Outcome want;

    @BeforeAll
    static void train() {
        Devices.cuda().backend(); // or all is skipped
        want = outcome(true);
    }

    private static Outcome outcome(boolean graphs) {
        try (CudaBackend backend = new CudaBackend(new CudaOptions(Precision.FP32, graphs, 0));
                Trainer trainer = new Trainer(
                        TinyRun.config("quick", "train.batch=8", "train.steps=30", "train.clip_grad_norm=0.5"),
                        backend,
                        TinyRun.glyphs(IMAGES))) {
            List<Trainer.Result> results = new ArrayList<>();
            for (int most : ASKED) {
                results.addAll(trainer.next(most));
            }
            ImageSampler sampler = TinyRun.sampler(trainer);
            Drawn drawn = trainer.averaged(() -> sampler.draw(5, 2));
            return new Outcome(trainer.snapshot().toHost(), results, drawn);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "3, false"})
    void givesTheSameBits(long seed, boolean graphs) {
        Outcome got = SimulatorOption.deferred(seed).during(() -> outcome(graphs));
        assertEquals(want.results(), got.results());
        assertEquals("", TinyRun.difference(want.checkpoint(), got.checkpoint()));
        assertArrayEquals(want.drawn().images(), got.drawn().images());
    }
}
