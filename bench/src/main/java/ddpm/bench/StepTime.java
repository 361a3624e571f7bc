package ddpm.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.Devices;
import ddpm.UserError;
import ddpm.cli.OptionChecks;
import ddpm.config.ImageSize;
import ddpm.config.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Wall time of training and sampling steps in a fresh process, as {@code bench/compare.sh} holds it against PyTorch: one
 * line of JSON. {@code java -cp bench.jar ddpm.bench.StepTime --help} lists the options.
 */
@Command(name = "StepTime", mixinStandardHelpOptions = true, sortOptions = false)
public final class StepTime implements Callable<Integer> {
    @Option(names = "--preset", defaultValue = "mnist")
    private String preset;

    @Option(names = "--batch", defaultValue = "64")
    private int batch;

    @Option(names = "--precision", defaultValue = "fp32", description = "fp32, tf32 or bf16")
    private String precision;

    @Option(names = "--device", defaultValue = "cpu", description = "cpu or cuda")
    private String device;

    @Option(names = "--size", description = "height and width of the images; default: the preset's")
    private String size;

    @Option(names = "--widths", defaultValue = "1", description = "factor on the numbers of channels")
    private double widths;

    @Option(names = "--warmup", defaultValue = "2", description = "steps before the first sample, at least 1")
    private int warmUp;

    @Option(names = "--samples", defaultValue = "3", description = "of at least half a second each")
    private int wanted;

    @Option(names = "--sampling-samples", defaultValue = "2", description = "of sampling; 0 leaves it out")
    private int samplingWanted;

    @Option(names = "--began", description = "when the command was given, seconds since 1970")
    private Double began;

    @Option(names = "--force", description = "take samples while other processes use the cores")
    private boolean force;

    @Option(names = "--turn", description = "a file; samples are taken while it exists, and each deletes it")
    private Path turnFile;

    @Option(names = "--describe", description = "print what would be measured, for the peer; measure nothing")
    private boolean describe;

    public static void main(String[] args) {
        System.exit(new CommandLine(new StepTime()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        try {
            OptionChecks.atLeast("--warmup", warmUp, 1);
            OptionChecks.atLeast("--samples", wanted, 1);
            OptionChecks.atLeast("--sampling-samples", samplingWanted, 0);
            if (!describe) {
                Devices.preload(Target.device(device)); // as the command train does
            }
            ImageSize s = size == null
                    ? null
                    : ImageSize.parse(size).orElseThrow(() -> UserError.usage("--size " + size + ": such as 28x28"));
            Workload workload = new Workload(preset, batch, precision, device, s, widths);
            ObjectNode json = describe(workload);
            if (describe) {
                json.set("model", Kinds.NONE.tree((Record) workload.config().model()));
            } else {
                measure(workload, json);
            }
            System.out.println(json);
            return 0;
        } catch (UserError | IllegalStateException e) {
            System.err.println("StepTime: " + e.getMessage());
            return 1;
        }
    }

    private static ObjectNode describe(Workload w) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("preset", w.preset()).put("batch", w.batch());
        return json.put("size", w.config().model().imSize().toString()).put("widths", w.widths());
    }

    private void measure(Workload workload, ObjectNode json) throws IOException {
        Turn turn = new Turn(turnFile);
        // who else uses a GPU is told by nvidia-smi, which the scripts ask before and after
        boolean all = force || device.equals("cuda");
        Samples training = new Samples(wanted, all, turn);
        Samples sampling = new Samples(samplingWanted, all, turn);
        try (SyntheticTraining synthetic = new SyntheticTraining(workload)) {
            double loss = synthetic.step();
            Double firstStep = began == null ? null : System.currentTimeMillis() / 1e3 - began;
            int trial = warmUp / 2; // waited for once, as the samples are
            int steps = 1;
            if (trial > 0) {
                loss = warmUp - 1 > trial ? synthetic.steps(warmUp - 1 - trial) : loss;
                long start = System.nanoTime();
                loss = synthetic.steps(trial);
                steps = Samples.steps((System.nanoTime() - start) / 1e9 / trial);
            }
            turn.handBack();
            while (!training.complete()) {
                training.begin();
                loss = synthetic.steps(steps);
                training.end(steps);
            }
            long peak = peak(synthetic);
            sample(workload, synthetic, sampling, turn);
            json.put("kind", "steps").put("variant", "ddpm-" + precision).put("device", device);
            json.put("version", "Java " + System.getProperty("java.version"));
            json.put("parameters", synthetic.trainer().model().parameters().count());
            training.seconds().forEach(json.putArray("train_s")::add);
            sampling.seconds().forEach(json.putArray("sampling_s")::add);
            json.put("train_steps", training.measured()).put("sampling_steps", sampling.measured());
            json.put("first_step_s", firstStep).put("peak_mb", peak);
            json.put("others", Math.max(training.others(), sampling.others()));
            json.put("refused", training.refused() + sampling.refused()).put("loss", loss);
        }
    }

    private void sample(Workload workload, SyntheticTraining synthetic, Samples samples, Turn turn) {
        if (samples.complete()) {
            return;
        }
        turn.await();
        SyntheticSampling sampling = new SyntheticSampling(
                workload.config(), synthetic.backend(), synthetic.trainer().model());
        Samples trial = new Samples(1, true, turn);
        sampling.sample(Math.max(1, warmUp / 2), trial);
        int steps = Math.min(sampling.most(), Samples.steps(trial.seconds().get(0)));
        while (!samples.complete()) {
            turn.await(); // a sample begins with steps that are not timed
            sampling.sample(steps, samples);
        }
    }

    /** On a GPU the memory held there; else the largest resident memory of this process so far, JVM and all. In MB. */
    private long peak(SyntheticTraining synthetic) throws IOException {
        if (device.equals("cuda")) {
            return synthetic.backend().memory().stats().reservedBytes() / 1_000_000;
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1_000_000;
            }
        }
        throw new IllegalStateException("/proc/self/status names no VmHWM, the peak of resident memory");
    }
}
