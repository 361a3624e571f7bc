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

/** {@code train --set model.kind=unet2d} and {@code sample} from it: the second network goes the way of the first. */
class UNet2DTrainingTest {
    private static final int IMAGES = 17;
    private static final int STEPS = 6;
    private static final double LR = 1e-4;

    /** Every kind of layer: added and scaling time, heads, asymmetric padding, a bottom with attention. */
    private static final List<String> NETWORK = List.of(
            "model.kind=unet2d",
            "model.block_out_channels=[8,16]",
            "model.down_block_types=[DownBlock2D,AttnDownBlock2D]",
            "model.layers_per_block=1",
            "model.norm_num_groups=4",
            "model.attention_head_dim=8",
            "model.downsample_padding=0",
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
        assertTrue(Files.readString(folder.resolve("whole/config.yaml")).contains("kind: unet2d"));
        assertTrue(Files.exists(folder.resolve("whole/samples")));
        train("parts", "--device cpu --sample-every 3 --steps 3");
        Ran.of(TinyRun.resume(folder.resolve("parts"), "--device cpu --steps " + STEPS))
                .ok();
        assertEquals(
                TinyRun.checkpoint(folder.resolve("whole"), STEPS), TinyRun.checkpoint(folder.resolve("parts"), STEPS));
        assertArrayEquals(drawn("whole", "cpu"), drawn("parts", "cpu"));
        Ran dry = train("dry", "--device cpu --dry-run");
        assertTrue(dry.out().contains("unet2d") || dry.out().contains("parameters"), dry.out());
    }

    /**
     * Rounding alone is different: a share of 2^-24 times the root of the longest sum, 9 * 32 values, and of the layers on the way,
     * some 40; Adam moves every weight by at most lr a step, whichever way, where its gradient is rounding.
     */
    @Test
    @Tag("cuda")
    void theLossIsThatOfTheCpu() throws IOException {
        Devices.cuda().backend(); // or the test is skipped
        for (String time : List.of("default", "scale_shift")) {
            String options = " --set model.resnet_time_scale_shift=" + time + " --sample-every 0 --steps " + STEPS;
            train(time + "-cpu", "--device cpu --precision fp32" + options);
            train(time + "-cuda", "--device cuda --precision fp32" + options);
            train(time + "-plain", "--device cuda --no-graph --precision fp32" + options);
            List<Metrics> cpu = metrics(time + "-cpu");
            List<Metrics> cuda = metrics(time + "-cuda");
            double rounding = 0x1p-24 * Math.sqrt(9 * 32 * 40);
            for (int i = 0; i < STEPS; i++) {
                double want = cpu.get(i).loss();
                double tolerance = 4 * rounding * want
                        + i * LR * rounding * Math.sqrt(30_000) * cpu.get(i).gradNorm();
                assertEquals(want, cuda.get(i).loss(), tolerance, time + ", step " + (i + 1));
            }
            assertEquals(
                    TinyRun.checkpoint(folder.resolve(time + "-cuda"), STEPS),
                    TinyRun.checkpoint(folder.resolve(time + "-plain"), STEPS));
            drawn(time + "-cuda", "cuda");
        }
    }
}
