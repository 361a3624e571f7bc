package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.testing.Devices;
import ddpm.train.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --set model.kind=dit} and {@code sample} from it: the transformer goes the way of the U-Nets. */
class DiTTrainingTest {
    private static final int IMAGES = 17;
    private static final int STEPS = 6;
    private static final double LR = 1e-3;

    /** 28x28 digits in patches of 7: 16 tokens of two heads. */
    private static final List<String> NETWORK = List.of(
            "model.kind=dit",
            "model.patch_size=7",
            "model.hidden_size=32",
            "model.depth=2",
            "model.num_heads=2",
            "train.log_every=1",
            "train.warmup_steps=0",
            "train.clip_grad_norm=0",
            "sample.steps=3",
            "sample.count=4");

    @TempDir
    Path folder;

    private Path data;

    @BeforeEach
    void images() throws IOException {
        data = TinyRun.idx(folder.resolve("data"), IMAGES).getParent();
    }

    private Ran train(String run, String more) {
        List<String> words = new ArrayList<>(
                List.of("train", "--preset", "mnist", "--batch", "8", "--lr", String.valueOf(LR), "--out"));
        words.add(folder.resolve(run).toString());
        words.addAll(List.of("--data", data.toString()));
        NETWORK.forEach(setting -> words.addAll(List.of("--set", setting)));
        words.addAll(List.of(more.split(" ")));
        return Ran.of(words.toArray(String[]::new)).ok();
    }

    private List<Metrics> metrics(String run) throws IOException {
        return MetricsLog.read(folder.resolve(run).resolve("metrics.jsonl"));
    }

    private byte[] drawn(String run, String device) throws IOException {
        Path npy = folder.resolve(run + "-" + device + ".npy");
        Ran.of(("sample --count 3 --device " + device + " --checkpoint " + folder.resolve(run) + " --npy " + npy)
                        .split(" "))
                .ok();
        return Files.readAllBytes(npy);
    }

    @Test
    void trainsStopsAndGoesOn() throws IOException {
        train("whole", "--device cpu --sample-every 3 --steps " + STEPS);
        assertTrue(Files.readString(folder.resolve("whole/config.yaml")).contains("kind: dit"));
        assertTrue(Files.exists(folder.resolve("whole/samples")));
        train("parts", "--device cpu --sample-every 3 --steps 3");
        Ran.of(TinyRun.resume(folder.resolve("parts"), "--device cpu --steps " + STEPS))
                .ok();
        assertEquals(
                TinyRun.checkpoint(folder.resolve("whole"), STEPS), TinyRun.checkpoint(folder.resolve("parts"), STEPS));
        assertArrayEquals(drawn("whole", "cpu"), drawn("parts", "cpu"));
        String info =
                Ran.of(("info " + folder.resolve("whole")).split(" ")).ok().out();
        assertTrue(info.contains("dit, ") && info.contains("blocks.1.adaLN_modulation.1.weight"), info);
    }

    /** A new network says 0 of noise whose squares have the mean 1, and learns from the first step on. */
    @Test
    void learns() throws IOException {
        train("longer", "--device cpu --sample-every 0 --steps 60");
        List<Metrics> log = metrics("longer");
        double deviation = Math.sqrt(2.0 / (8 * TinyRun.SIDE * TinyRun.SIDE)); // of the mean of so many squares
        assertEquals(1, log.get(0).loss(), 4 * deviation);
        double last = log.subList(50, 60).stream()
                .mapToDouble(Metrics::loss)
                .average()
                .orElseThrow();
        assertTrue(last < 0.8, "mean loss of the last ten steps " + last);
    }

    /**
     * Rounding alone is different: a share of 2^-24 times the root of the longest sum, 128 values, and of the layers on the way, some
     * 20; Adam moves every weight by at most lr a step, whichever way, where its gradient is rounding.
     */
    @Test
    @Tag("cuda")
    void theLossIsThatOfTheCpu() throws IOException {
        Devices.cuda().backend(); // or the test is skipped
        String options = " --sample-every 0 --steps " + STEPS;
        train("cpu", "--device cpu --precision fp32" + options);
        train("cuda", "--device cuda --precision fp32" + options);
        train("plain", "--device cuda --no-graph --precision fp32" + options);
        List<Metrics> cpu = metrics("cpu");
        List<Metrics> cuda = metrics("cuda");
        double rounding = 0x1p-24 * Math.sqrt(128 * 20);
        for (int i = 0; i < STEPS; i++) {
            double want = cpu.get(i).loss();
            double tolerance = 4 * rounding * want
                    + i * LR * rounding * Math.sqrt(60_000) * cpu.get(i).gradNorm();
            assertEquals(want, cuda.get(i).loss(), tolerance, "step " + (i + 1));
        }
        assertEquals(
                TinyRun.checkpoint(folder.resolve("cuda"), STEPS), TinyRun.checkpoint(folder.resolve("plain"), STEPS));
        drawn("cuda", "cuda");
    }
}
