package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Variance;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.Simple;
import ddpm.model.unet.UNetConfig;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run of the version before schedules, predictions and networks could be chosen: its configuration, its checkpoint, what
 * that version drew from it and how it went on.
 */
class EarlierRunTest {
    /** Four steps of a small net, of which each rounds as the processor's instructions have it. */
    private static final double NEAR = 2e-4;

    @TempDir
    Path folder;

    private Path run;

    @BeforeEach
    void copy() throws IOException, URISyntaxException {
        Path from = Path.of(EarlierRunTest.class.getResource("/earlier-run").toURI());
        run = folder.resolve("run");
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, run.resolve(from.relativize(file).toString()));
            }
        }
    }

    @Test
    void itsConfigurationMeansWhatItDid() {
        RunConfig config =
                new ConfigLoader("mnist").ofRun(run.resolve("config.yaml")).load();
        assertEquals(new Linear(20, 1e-4, 0.5, false), config.diffusion());
        assertEquals(new Eps(), config.objective().prediction());
        assertEquals(new Simple(), config.objective().weighting());
        assertEquals(new Uniform(), config.objective().times());
        assertEquals(Variance.FIXED_SMALL, config.objective().reverseVariance());
        assertEquals(List.of(4, 4, 8), ((UNetConfig) config.model()).downChannels());
        assertEquals(1, config.train().accumulate());
        assertEquals(0, config.sample().churn());
    }

    @Test
    void itsImagesAreDrawnAsBefore() throws IOException {
        Path npy = folder.resolve("x.npy");
        Ran.of("sample", "--checkpoint", run.toString(), "--count", "2", "--npy", npy.toString(), "--device", "cpu")
                .ok();
        float[] want = NpyValues.read(run.resolve("drawn.npy"));
        float[] got = NpyValues.read(npy);
        assertEquals(want.length, got.length);
        for (int i = 0; i < want.length; i++) {
            assertEquals(want[i], got[i], NEAR, "value " + i);
        }
    }

    @Test
    void itsTrainingGoesOnAsBefore() throws IOException {
        Ran ran = Ran.of(
                        "train",
                        "--resume",
                        "--out",
                        run.toString(),
                        "--data",
                        "glyphs",
                        "--device",
                        "cpu",
                        "--steps",
                        "8",
                        "--set",
                        "train.log_every=4",
                        "--sample-every",
                        "0")
                .ok();
        assertTrue(ran.out().contains("resuming at step 4"), ran.out());
        Metrics want = MetricsLog.read(run.resolve("metrics-of-8-steps.jsonl")).get(1);
        Metrics got = MetricsLog.read(run.resolve("metrics.jsonl")).get(1);
        assertEquals(want.step(), got.step());
        assertEquals(want.loss(), got.loss(), NEAR);
        assertEquals(want.lr(), got.lr());
        assertEquals(want.gradNorm(), got.gradNorm(), 10 * NEAR);
        // and the run's configuration is written anew, with the settings that came later
        String yaml = Files.readString(run.resolve("config.yaml"));
        assertTrue(yaml.contains("objective:\n  prediction:\n    kind: eps\n"), yaml);
    }
}
