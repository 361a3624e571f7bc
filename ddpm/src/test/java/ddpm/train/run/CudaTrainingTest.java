package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.solver.Plan;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.CudaInfo;
import ddpm.engine.io.Safetensors;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.testing.Devices;
import ddpm.train.TinyRun;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import ddpm.train.settings.SampleConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code ddpm train} and {@code ddpm sample} on the GPU, real or simulated, from the command line to the files. */
@Tag("cuda")
class CudaTrainingTest {
    /** Batches of 8, 8 and 1: with 10 steps each size is run plainly, recorded and replayed. */
    private static final int IMAGES = 17;

    private static final int STEPS = 10;
    private static final double LR = 1e-4;
    private static final String RUN = "--preset mnist --batch 8 --lr 1e-4 --set data.flip=true"
            + " --set train.log_every=4 --set diffusion.timesteps=20 --set diffusion.beta_end=0.5";

    /** Convolutions, linear layers and products of attention that one value passes through on its way from x to eps. */
    private static final double DEPTH = 42;
    /** The longest sum: 3x3 of 16 channels. */
    private static final double TERMS = 9 * 16;

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Path fp32;

    @BeforeAll
    static void train() throws IOException {
        Devices.cuda().backend(); // or all is skipped
        TinyRun.idx(shared.resolve("data"), IMAGES);
        fp32 = shared.resolve("fp32");
        Ran ran = train(fp32, "--device cuda --sample-every 10 --steps " + STEPS);
        assertTrue(ran.out().contains("device: cuda, fp32\n"), ran.out());
    }

    private static Ran train(Path out, String more) {
        return Ran.of(TinyRun.command(out, shared.resolve("data"), RUN + " " + more))
                .ok();
    }

    private static List<Metrics> metrics(Path run) throws IOException {
        return MetricsLog.read(run.resolve("metrics.jsonl"));
    }

    /** Checkpoint, preview and numbers of a run are those of the shared one. */
    private static void assertSameBits(Path run) throws IOException {
        assertEquals(TinyRun.checkpoint(fp32, STEPS), TinyRun.checkpoint(run, STEPS));
        assertEquals(TinyRun.files(fp32.resolve("samples")), TinyRun.files(run.resolve("samples")));
        assertEquals(3, metrics(run).size());
        for (int i = 0; i < 3; i++) {
            assertEquals(metrics(fp32).get(i).loss(), metrics(run).get(i).loss());
            assertEquals(metrics(fp32).get(i).gradNorm(), metrics(run).get(i).gradNorm());
        }
    }

    @Test
    void withoutGraphsTheSameBits() throws IOException {
        Path run = folder.resolve("run");
        train(run, "--device cuda --no-graph --sample-every 10 --steps " + STEPS);
        assertSameBits(run);
    }

    @Test
    void aResumedRunIsTheSame() throws IOException {
        Path run = folder.resolve("run");
        train(run, "--device cuda --sample-every 0 --steps 4");
        Ran more = Ran.of(TinyRun.resume(run, "--device cuda --sample-every 10 --steps " + STEPS))
                .ok();
        assertTrue(more.out().contains("resuming at step 4"), more.out());
        List<Metrics> lines = metrics(run);
        assertEquals(List.of(4L, 8L, 10L), lines.stream().map(Metrics::step).toList());
        assertSameBits(run);
    }

    @Test
    void theLossIsThatOfTheCpu() throws IOException {
        Path run = folder.resolve("run");
        train(run, "--device cpu --precision fp32 --steps " + STEPS);
        assertNear(metrics(run), metrics(fp32), Precision.FP32);
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"TF32", "BF16"})
    void lowerPrecisionsAreNear(Precision precision) throws IOException {
        String name = precision.name().toLowerCase(Locale.ROOT);
        Path run = folder.resolve("run");
        Ran ran = train(run, "--device cuda --steps " + STEPS + " --precision " + name);
        assertTrue(ran.out().contains("device: cuda, " + name + "\n"), ran.out());
        assertNear(metrics(fp32), metrics(run), precision);
        assertNotEquals(TinyRun.checkpoint(fp32, STEPS), TinyRun.checkpoint(run, STEPS));
        assertNotEquals(metrics(fp32).get(0).loss(), metrics(run).get(0).loss());
    }

    /** Error of a prediction relative to its size: rounded operands, and sums in fp32. */
    private static double roundings(Precision precision) {
        double operands = precision == Precision.FP32 ? 0 : precision.unitRoundoff() * Math.sqrt(2 * DEPTH);
        return operands + Precision.FP32.unitRoundoff() * Math.sqrt(DEPTH * TERMS);
    }

    /**
     * The loss is the mean of (p - eps)^2 over n values. With r the relative error of the prediction p, whose rms is at most 1 +
     * sqrt(loss), a term is off by 2 sqrt(loss) r (1 + sqrt(loss)), and the mean by that over sqrt(n). After k steps the P
     * weights, which Adam moves by lr each time, are off by k lr r sqrt(P) together, which the gradient's norm turns into loss;
     * where Adam moves one the wrong way its gradient is smaller than r.
     */
    private static void assertNear(List<Metrics> want, List<Metrics> got, Precision precision) throws IOException {
        double r = roundings(precision);
        double n = 8 * TinyRun.SIDE * TinyRun.SIDE;
        double moved = LR * r * Math.sqrt(weights());
        assertEquals(want.size(), got.size());
        for (int i = 0; i < want.size(); i++) {
            Metrics w = want.get(i);
            double root = Math.sqrt(w.loss());
            double tolerance = 2 * root * r * (1 + root) / Math.sqrt(n) + w.step() * moved * w.gradNorm();
            assertEquals(w.loss(), got.get(i).loss(), tolerance, precision + ", step " + w.step());
        }
    }

    private static long weights() throws IOException {
        Path model = fp32.resolve("checkpoints/step-00000010/model.safetensors");
        return Safetensors.read(model).tensors().values().stream()
                .mapToLong(HostTensor::count)
                .sum();
    }

    /** Each step's error of the prediction is magnified by the factor of F in x_0 at most, and the steps' errors add up. */
    @ParameterizedTest
    @CsvSource({"ddpm, 20", "ddim, 4", "dpmpp_2m_sde, 6", "heun, 5"})
    void samplesAreThoseOfTheCpu(String name, int steps) throws IOException {
        String options = "--sampler " + name + (name.equals("ddpm") ? "" : " --sample-steps " + steps);
        float[] cuda = sampled("cuda", options + " --device cuda");
        assertArrayEquals(cuda, sampled("plain", options + " --device cuda --no-graph"));
        float[] cpu = sampled("cpu", options + " --device cpu");

        RunConfig config =
                new ConfigLoader("mnist").ofRun(fp32.resolve("config.yaml")).load();
        SampleConfig sample = new SampleConfig(name, steps, 0, 0, "trailing", true, 0, 5);
        Plan plan = sample.plan(config.diffusion(), config.objective());
        assertEquals(name.equals("heun") ? 2 * steps - 1 : steps, plan.evaluations());
        double magnified = plan.stages().stream()
                .mapToDouble(stage -> Math.abs(stage.level().b()))
                .sum();
        double tolerance = roundings(Precision.FP32) * magnified;
        double worst = 0;
        for (int i = 0; i < cpu.length; i++) {
            worst = Math.max(worst, Math.abs((double) cpu[i] - cuda[i]));
        }
        assertTrue(worst <= tolerance, name + ": " + worst + " is " + worst / tolerance + " of the tolerance");
        assertFalse(worst == 0, "two devices");
    }

    /** Step 8 is the last of two batches of 4. */
    @ParameterizedTest
    @CsvSource({"cuda, 'conv2d'", "cpu, 'conv2d'"})
    void aMeasuredStepOfADrawingChangesNothing(String device, String operation) throws IOException {
        String options = "--sampler ddim --sample-steps 4 --device " + device;
        float[] plain = sampled("plain-" + device, options);
        assertFalse(Files.exists(folder.resolve("sample-profile.txt")));
        assertArrayEquals(plain, sampled("measured", options + " --profile=8"));
        String table = Files.readString(folder.resolve("sample-profile.txt"));
        assertTrue(table.startsWith("step 8 on " + device + ", fp32: "), table);
        assertTrue(table.contains(device.equals("cuda") ? "kernels and library calls" : "operations"), table);
        assertTrue(table.contains("forward"), table);
        assertTrue(Files.readString(folder.resolve("sample-trace.json")).contains(operation));
        Ran.of(("sample --count 5 --batch 3 --checkpoint " + fp32 + " --npy " + folder.resolve("x.npy") + " " + options
                                + " --profile=9")
                        .split(" +"))
                .failed(2, "--profile=9: the drawing has only 8 steps; name an earlier one");
    }

    private float[] sampled(String name, String options) throws IOException {
        Path npy = folder.resolve(name + ".npy");
        Ran.of(("sample --count 5 --batch 3 --checkpoint " + fp32 + " --npy " + npy + " " + options).split(" +"))
                .ok();
        float[] values = NpyValues.read(npy);
        assertEquals(5 * TinyRun.SIDE * TinyRun.SIDE, values.length);
        return values;
    }

    /** Heads that only the CPU computes: said before anything is written. */
    @Test
    void headsThatAreTooWideAreRefusedAtOnce() {
        Path run = folder.resolve("run");
        String wide = RUN + " --steps 1 --set model.num_heads=1 --set model.down_channels=[8,264]"
                + " --set model.mid_channels=[264,8] --device ";
        Ran.of(TinyRun.command(run, shared.resolve("data"), wide + "cuda"))
                .failed(
                        2,
                        "model.num_heads: heads=1 makes each head of C=264 (model.down_channels[1]) 264 wide",
                        "the attention of cuda takes at most 256; choose 2, or --device cpu");
        assertFalse(Files.exists(run));
        Ran.of(TinyRun.command(run, shared.resolve("data"), wide + "cpu")).ok();
    }

    @Test
    void autoTakesAGpuButNotTheSimulator() {
        Ran ran = Ran.of(TinyRun.command(folder.resolve("run"), shared.resolve("data"), RUN + " --dry-run"))
                .ok();
        String want = CudaInfo.simulated()
                ? "; no GPU: it is only the CUDA simulator, which --device cuda takes\n"
                : "device: cuda, fp32\n";
        assertTrue(ran.out().contains(want), ran.out());
    }
}
