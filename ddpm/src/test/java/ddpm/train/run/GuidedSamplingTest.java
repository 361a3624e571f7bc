package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Guidance;
import ddpm.engine.backend.Backend;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.picture.ImageGrid;
import ddpm.sample.ImageSampler;
import ddpm.testing.Replaying;
import ddpm.train.TinyRun;
import ddpm.train.Trainer;
import ddpm.train.settings.SampleConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of a class, with and without guidance: the same bits however they are drawn; and from the command line. */
class GuidedSamplingTest {
    private static final int[] LABELS = {7, 0, -1, 3, 7};
    private static final String[] SETTINGS = {
        "train.batch=8", "train.steps=40", "train.lr=3e-3", "train.label_dropout=0.2"
    };

    @TempDir
    Path folder;

    private static Trainer trained(Backend backend) {
        Trainer trainer = new Trainer(TinyRun.config("quick", SETTINGS), backend, TinyRun.glyphs(40));
        for (int i = 0; i < 6; i++) {
            trainer.next(1);
        }
        return trainer;
    }

    private static float[][] draw(Trainer trainer, int[] labels, Guidance guidance, int batch) {
        var size = trainer.config().model().imSize();
        var config = new SampleConfig("ddim", 5, 1, 0, "trailing", true, 0, 5);
        var told = new ImageSampler.Told(labels, guidance);
        var sampler = new ImageSampler(trainer.backend(), trainer.trained(), told, config, 9, size, 1);
        return sampler.draw(5, batch).images();
    }

    /** Whatever the batch, and on a device that records steps and replays them. */
    @OnEachDevice
    void imagesDependOnNothingButTheirNumberAndLabel(Device device) {
        Replaying replaying = new Replaying(device.backend(), false);
        try (Trainer trainer = trained(device.backend());
                Trainer replayed = trained(replaying.backend())) {
            for (Guidance g : new Guidance[] {
                new Guidance(2.5, 0), new Guidance(3, 0.7), new Guidance(3, 0, 0.3, 0.7), new Guidance(0, 0)
            }) {
                float[][] want = draw(trainer, LABELS, g, 5);
                assertArrayEquals(want, draw(trainer, LABELS, g, 2), g + " in batches of 2 and 1");
                assertArrayEquals(want, draw(replayed, LABELS, g, 3), g + " replayed");
                int[] others = LABELS.clone();
                others[1] = 9;
                float[][] other = draw(trainer, others, g, 5);
                assertArrayEquals(want[0], other[0]);
                assertEquals(g.scale() == 0, Arrays.equals(want[1], other[1]), g + ": another label");
            }
        }
    }

    /** Without labels, and where nothing is guided, guidance changes nothing. */
    @OnEachDevice
    void whereGuidanceChangesNothing(Device device) {
        try (Trainer trainer = trained(device.backend())) {
            float[][] plain = draw(trainer, null, Guidance.NONE, 5);
            int[] none = {-1, -1, -1, -1, -1};
            assertArrayEquals(plain, draw(trainer, none, Guidance.NONE, 5));
            assertArrayEquals(plain, draw(trainer, none, new Guidance(4, 0), 5)); // u + w (u - u)
            assertArrayEquals(plain, draw(trainer, LABELS, new Guidance(0, 0), 5)); // u + 0 (c - u)
            float[][] told = draw(trainer, LABELS, Guidance.NONE, 5);
            assertNotEquals(plain[0][0], told[0][0]);
            assertArrayEquals(told, draw(trainer, LABELS, new Guidance(4, 0, 0.999, 0.9991), 5));
            assertFalse(Arrays.equals(told[0], draw(trainer, LABELS, new Guidance(4, 0, 0.2, 1), 5)[0]));
        }
    }

    // ---- from the command line

    private static Ran sample(Path run, String options) {
        String[] words =
                ("sample --device cpu --sample-steps 4 --sampler ddim --checkpoint " + run + " " + options).split(" +");
        return Ran.of(words);
    }

    @Test
    void aTableOfClasses() throws IOException {
        Path data = folder.resolve("data");
        for (int i = 0; i < 3; i++) {
            Path of = Files.createDirectories(data.resolve(new String[] {"cat", "dog", "owl"}[i]));
            for (int k = 0; k < 3; k++) {
                ImageIO.write(
                        ImageGrid.grid(
                                new byte[][] {TinyRun.glyphs(9).images()[3 * i + k]},
                                TinyRun.SIDE,
                                TinyRun.SIDE,
                                1,
                                1,
                                0,
                                1),
                        "png",
                        of.resolve(k + ".png").toFile());
            }
        }
        Path run = folder.resolve("run");
        Ran.of(TinyRun.command(run, data, "--preset quick --batch 4 --steps 2 --sample-every 2"))
                .ok();
        assertTrue(Files.exists(run.resolve("samples")));
        Path grid = folder.resolve("grid.png");
        Ran all =
                sample(run, "--class all --count 6 --guidance 2 --grid " + grid).ok();
        assertTrue(all.out().contains("2 of each of the classes cat, dog, owl, guidance 2.0"), all.out());
        int zoomed = 56 / TinyRun.SIDE * TinyRun.SIDE + 2;
        assertEquals(2 * zoomed + 2 + 3 * 8 + 2, ImageIO.read(grid.toFile()).getWidth());
        assertEquals(3 * zoomed + 2, ImageIO.read(grid.toFile()).getHeight());
        assertTrue(sample(run, "--count 4 --grid " + grid).ok().out().contains("3 classes in turn"));
        assertTrue(sample(run, "--class dgo --grid " + grid).err().contains("did you mean dog?"));
        sample(run, "--class none --count 2 --grid " + grid).ok();
        sample(run, "--class owl,cat --guidance 3 --guidance-interval 0.2,0.8 --guidance-rescale 0.7 --grid " + grid)
                .ok();
    }

    @Test
    void aModelWithoutClasses() throws IOException {
        Path data = folder.resolve("data");
        TinyRun.idx(data, 8);
        Path run = folder.resolve("run");
        Ran.of(TinyRun.command(run, data, "--preset quick --batch 4 --steps 2")).ok();
        String err = sample(run, "--class 7 --grid " + folder.resolve("g.png")).err();
        assertTrue(err.contains("--class 7: the model of") && err.contains("model.classes=auto"), err);
        err = sample(run, "--guidance 2 --grid " + folder.resolve("g.png")).err();
        assertTrue(err.contains("--guidance 2.0: goes towards a class"), err);
    }
}
