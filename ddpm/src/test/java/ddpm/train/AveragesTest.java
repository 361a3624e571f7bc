package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.io.Safetensors;
import ddpm.engine.tensor.HostTensor;
import ddpm.train.checkpoint.KeptAverages;
import ddpm.train.run.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several averages at once, their files, and an average of any width made afterwards. */
class AveragesTest {
    private static final String OPTIONS = "--set train.ema_decay=[0.9,0.99] --set train.power_ema=[0.05,0.1] --batch 4"
            + " --device cpu --precision fp32 --sample-every 0 --set train.save_every=4";

    @TempDir
    Path folder;

    private Path trained(int steps) throws IOException {
        Path data = folder.resolve("data");
        TinyRun.idx(data, 16);
        Path run = folder.resolve("run" + steps);
        Ran.of(TinyRun.command(run, data, OPTIONS + " --steps " + steps)).ok();
        return run;
    }

    private static Map<String, HostTensor> read(Path file) throws IOException {
        return Safetensors.read(file).tensors();
    }

    private static Path last(Path run) {
        return run.resolve("checkpoints/step-00000012");
    }

    @Test
    void eachAverageIsAFileOfItsOwn() throws IOException {
        Path run = trained(12);
        Path checkpoint = last(run);
        var model = read(checkpoint.resolve("model.safetensors"));
        for (String file : new String[] {
            "ema.safetensors", "ema-0.99.safetensors", "ema-power-0.05.safetensors", "ema-power-0.1.safetensors"
        }) {
            var average = read(checkpoint.resolve(file));
            assertEquals(model.keySet(), average.keySet(), file);
            assertFalse(model.equals(average), file);
        }
        // the widths stay with every checkpoint
        for (int step : new int[] {4, 8, 12}) {
            String name = String.format(Locale.ROOT, "step-%08d-ema-power-0.1.safetensors", step);
            assertTrue(Files.exists(run.resolve("averages").resolve(name)), name);
        }
    }

    /** A resumed run has the same averages, those of the widths included. */
    @Test
    void resumingContinuesAll() throws IOException {
        Path straight = trained(12);
        Path resumed = trained(4);
        Ran.of(TinyRun.resume(resumed, OPTIONS + " --steps 12")).ok();
        for (String file : new String[] {"ema-0.99.safetensors", "ema-power-0.05.safetensors"}) {
            assertEquals(read(last(straight).resolve(file)), read(last(resumed).resolve(file)), file);
        }
    }

    /** One of the widths that were kept comes out as it is; others are near it, and further the more they differ. */
    @Test
    void anyWidthCanBeMadeAfterwards() throws IOException {
        Path run = trained(12);
        KeptAverages kept = KeptAverages.of(run);
        var stored = read(last(run).resolve("ema-power-0.1.safetensors"));
        assertTrue(distance(stored, kept.of(0.1, 12)) < 1e-6);
        double near = distance(stored, kept.of(0.09, 12));
        double far = distance(stored, kept.of(0.06, 12));
        assertTrue(near > 1e-6 && near < far, near + " and " + far);
    }

    private static double distance(Map<String, HostTensor> a, Map<String, HostTensor> b) {
        double most = 0;
        for (String name : a.keySet()) {
            float[] x = a.get(name).toFloats();
            float[] y = b.get(name).toFloats();
            for (int i = 0; i < x.length; i++) {
                most = Math.max(most, Math.abs(x[i] - y[i]));
            }
        }
        return most;
    }

    @Test
    void sampleTakesThem() throws IOException {
        Path run = trained(12);
        String sample = "sample --count 2 --device cpu --checkpoint " + run + " --npy " + folder.resolve("x.npy");
        Ran width = Ran.of((sample + " --ema 0.07").split(" ")).ok();
        assertTrue(width.out().contains("averages of width 0.07"), width.out());
        Ran.of((sample + " --ema 0.99").split(" ")).ok();
        Ran.of((sample + " --ema 0.9").split(" ")).ok();
        Ran.of((sample + " --ema 0.95").split(" "))
                .failed(2, "--ema 0.95: the training kept averages of decay 0.9 and 0.99; give one of them");
        Ran.of((sample + " --ema 2").split(" ")).failed(2, "--ema 2.0: must be above 0 and below 1");
    }
}
