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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code train --set model.kind=...} and {@code sample} from it have to do for every network beside the first. */
abstract class NetworkTrainingTest {
    static final int BATCH = 8;

    private static final int IMAGES = 17;
    private static final int STEPS = 3;
    private static final List<String> RUN = List.of(
            "train.log_every=1", "train.warmup_steps=0", "train.clip_grad_norm=0", "sample.steps=3", "sample.count=4");

    private final String kind;
    private final double lr;
    private final Rounding rounding;
    private final List<String> network;
    private Path data;

    @TempDir
    Path folder;

    /**
     * Rounding alone is different between CPU and GPU: a share of 2^-24 times the root of the longest sum and of the layers on the way; Adam
     * moves every weight by at most lr a step, whichever way, where its gradient is rounding.
     */
    record Rounding(int longestSum, int layers, int weights) {
        private double share() {
            return 0x1p-24 * Math.sqrt((double) longestSum * layers);
        }

        private double tolerance(Metrics cpu, int step, double lr) {
            return 4 * share() * cpu.loss() + step * lr * share() * Math.sqrt(weights) * cpu.gradNorm();
        }
    }

    NetworkTrainingTest(String kind, double lr, Rounding rounding, String... network) {
        this.kind = kind;
        this.lr = lr;
        this.rounding = rounding;
        this.network = List.of(network);
    }

    /** Settings under which CPU and GPU are compared, one after the other. */
    List<String> variants() {
        return List.of("model.kind=" + kind);
    }

    @BeforeEach
    void images() throws IOException {
        data = TinyRun.idx(folder.resolve("data"), IMAGES).getParent();
    }

    Ran train(String run, String more) {
        List<String> words = new ArrayList<>(List.of("train", "--preset", "mnist", "--batch", String.valueOf(BATCH)));
        words.addAll(
                List.of("--lr", String.valueOf(lr), "--out", folder.resolve(run).toString()));
        words.addAll(List.of("--data", data.toString(), "--set", "model.kind=" + kind));
        Stream.concat(network.stream(), RUN.stream()).forEach(setting -> words.addAll(List.of("--set", setting)));
        words.addAll(List.of(more.split(" ")));
        return Ran.of(words.toArray(String[]::new)).ok();
    }

    List<Metrics> metrics(String run) throws IOException {
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
        train("whole", "--device cpu --sample-every 2 --steps " + STEPS);
        assertTrue(Files.readString(folder.resolve("whole/config.yaml")).contains("kind: " + kind));
        assertTrue(Files.exists(folder.resolve("whole/samples")));
        train("parts", "--device cpu --sample-every 2 --steps 2");
        Ran.of(TinyRun.resume(folder.resolve("parts"), "--device cpu --steps " + STEPS))
                .ok();
        assertEquals(
                TinyRun.checkpoint(folder.resolve("whole"), STEPS), TinyRun.checkpoint(folder.resolve("parts"), STEPS));
        assertArrayEquals(drawn("whole", "cpu"), drawn("parts", "cpu"));
        String info =
                Ran.of(("info " + folder.resolve("whole")).split(" ")).ok().out();
        assertTrue(info.contains(kind + ", "), info);
    }

    @Test
    @Tag("cuda")
    void theLossIsThatOfTheCpu() throws IOException {
        Devices.cuda().backend(); // or the test is skipped
        for (int v = 0; v < variants().size(); v++) {
            String options = " --precision fp32 --sample-every 0 --steps " + STEPS + " --set "
                    + variants().get(v);
            train(v + "-cpu", "--device cpu" + options);
            train(v + "-cuda", "--device cuda" + options);
            List<Metrics> cpu = metrics(v + "-cpu");
            List<Metrics> cuda = metrics(v + "-cuda");
            for (int i = 0; i < STEPS; i++) {
                assertEquals(
                        cpu.get(i).loss(),
                        cuda.get(i).loss(),
                        rounding.tolerance(cpu.get(i), i, lr),
                        variants().get(v) + ", step " + (i + 1));
            }
            if (v == 0) {
                train("plain", "--device cuda --no-graph" + options);
                assertEquals(
                        TinyRun.checkpoint(folder.resolve("0-cuda"), STEPS),
                        TinyRun.checkpoint(folder.resolve("plain"), STEPS));
                drawn("0-cuda", "cuda");
            }
        }
    }
}
