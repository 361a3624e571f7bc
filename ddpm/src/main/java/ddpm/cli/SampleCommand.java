package ddpm.cli;

import ddpm.UserError;
import ddpm.diffusion.Guidance;
import ddpm.sample.ClassRequest;
import ddpm.sample.SampleRequest;
import ddpm.sample.SamplingSession;
import ddpm.train.checkpoint.TrainedModel;
import ddpm.train.checkpoint.WeightsChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ddpm sample}: draws images from a checkpoint. */
@Command(
        name = "sample",
        sortOptions = false,
        sortSynopsis = false,
        description = {
            "Draws images from a trained model.",
            "",
            "Without --grid, --out, --npy and --trajectory the images go into samples.png.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ddpm sample --checkpoint runs/quick                      64 images in samples.png",
            "  ddpm sample --checkpoint runs/quick --count 256 --seed 7 --grid digits.png --npy digits.npy",
            "  ddpm sample --checkpoint runs/quick --sampler ddpm       all 1000 steps of the schedule",
            "  ddpm sample --checkpoint runs/quick --sampler dpmpp_2m --sample-steps 20 --spacing karras",
            "  ddpm sample --checkpoint runs/quick --class 7 --guidance 2    sevens",
            "  ddpm sample --checkpoint runs/quick --class all --grid digits.png    a row of each class",
            "  ddpm sample --checkpoint runs/quick --interpolate 3,8 --grid from-3-to-8.png",
            "  ddpm sample --checkpoint runs/quick --count 8 --trajectory noise-to-digit.gif"
        })
final class SampleCommand implements Callable<Integer> {
    private static final Pattern INTERVAL = Pattern.compile("([0-9]*\\.?[0-9]+),([0-9]*\\.?[0-9]+)");
    private static final List<String> PRECISIONS = List.of("fp32", "tf32", "bf16");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "RUN_DIR|CHECKPOINT_DIR|FILE.safetensors",
            description = "A run folder, whose latest checkpoint counts, the folder of one checkpoint, a file of"
                    + " weights with a config.yaml beside it, or a folder that Hugging Face diffusers wrote.")
    private Path checkpoint;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Images to draw. Default: 64, or 8 of each of several classes.")
    private Integer count;

    @Mixin
    private DrawingOptions drawing;

    @Option(
            names = "--guidance-interval",
            paramLabel = "A,B",
            description =
                    "Guide only where the noise is between these shares of all, such as 0.1,0.9; elsewhere steps are"
                            + " as fast as without.")
    private String guidanceInterval;

    @Option(
            names = "--guidance-rescale",
            paramLabel = "X",
            description = "Keep the contrast that strong guidance raises: 0 not, 1 wholly; 0.7 for large W.")
    private Double guidanceRescale;

    @Option(
            names = "--spacing",
            paramLabel = "NAME",
            description =
                    "Which levels of noise they are; `ddpm list spacings` shows them. Default: as the run's previews.")
    private String spacing;

    @Option(
            names = "--eta",
            paramLabel = "X",
            description = "Fresh noise: of ddim 0 none, 1 as much as ddpm. Default: as the run's previews.")
    private Double eta;

    @Option(
            names = "--churn",
            paramLabel = "X",
            description = "Noise that heun adds before each step, such as 40. Default: as the run's previews.")
    private Double churn;

    @Option(
            names = "--threshold",
            paramLabel = "Q",
            description = "Scale estimates of the image by this quantile where it is above 1, such as 0.995, instead of"
                    + " clipping them; 0: clip. Default: as the run's previews.")
    private Double threshold;

    @Option(
            names = "--precision",
            paramLabel = "fp32|tf32|bf16",
            defaultValue = "fp32",
            description = "What to compute in; other than fp32 is faster and draws slightly different images."
                    + " Default: ${DEFAULT-VALUE}.")
    private String precision;

    @Mixin
    private EditOptions edit;

    @Option(names = "--grid", paramLabel = "FILE.png", description = "All images in one.")
    private Path grid;

    @Option(names = "--out", paramLabel = "DIR", description = "A folder for one PNG per image.")
    private Path out;

    @Option(names = "--npy", paramLabel = "FILE.npy", description = "float32 [N,H,W,C] in [-1,1], for NumPy.")
    private Path npy;

    @Option(
            names = "--ema",
            paramLabel = "X",
            description = "Another average of the weights: one of the decays of the training, such as 0.9999, or, of a"
                    + " training with power_ema, any width as a share of it, such as 0.05.")
    private Double ema;

    @Option(
            names = "--trajectory",
            paramLabel = "FILE.png|FILE.gif",
            description = "Images emerging from noise, the model's estimate of the result below.")
    private Path trajectory;

    @Mixin
    private DeviceOption device;

    @Mixin
    private ProfileOption profile;

    @Override
    public Integer call() throws IOException {
        SampleRequest request = request();
        TrainedModel trained = CheckpointArgument.load(spec, request.checkpoint(), request.weights(), "drawing from ");
        new SamplingSession(request, trained, spec.commandLine().getOut()).run();
        return ExitCode.OK;
    }

    /** What the options of guidance say; null where none is asked for. */
    private Guidance guided() {
        Double guidance = drawing.guidance();
        if (guidance == null) {
            if (guidanceInterval != null || guidanceRescale != null) {
                throw UserError.usage((guidanceInterval != null ? "--guidance-interval" : "--guidance-rescale")
                        + ": says how to guide, and --guidance is not given; add it, such as --guidance 2");
            }
            return null;
        }
        if (guidanceRescale != null && !(guidanceRescale >= 0 && guidanceRescale <= 1)) {
            throw UserError.usage("--guidance-rescale " + guidanceRescale + ": must be from 0 (not) to 1 (wholly)");
        }
        double[] interval = interval();
        return new Guidance(guidance, guidanceRescale == null ? 0 : guidanceRescale, interval[0], interval[1]);
    }

    private double[] interval() {
        if (guidanceInterval == null) {
            return new double[] {0, 1};
        }
        Matcher two = INTERVAL.matcher(guidanceInterval);
        if (two.matches()) {
            double from = Double.parseDouble(two.group(1));
            double to = Double.parseDouble(two.group(2));
            if (from < to && to <= 1) {
                return new double[] {from, to};
            }
        }
        throw UserError.usage("--guidance-interval " + guidanceInterval
                + ": expected two shares from 0 (the image) to 1 (noise), the smaller one first, such as 0.1,0.9");
    }

    /** The options, validated; what depends on the run is settled by {@link SampleRequest#sampling}. */
    SampleRequest request() {
        drawing.check();
        Guidance guided = guided();
        OptionChecks.oneOf("--precision", precision, PRECISIONS);
        OptionChecks.ending("--grid", grid, ".png");
        OptionChecks.ending("--npy", npy, ".npy");
        OptionChecks.ending("--trajectory", trajectory, ".png", ".gif");
        CheckpointArgument.requireThere("--checkpoint ", checkpoint);
        if (ema != null && !(ema > 0 && ema < 1)) {
            throw UserError.usage("--ema " + ema + ": must be above 0 and below 1");
        }
        if (ema != null && drawing.weights() != null) {
            throw UserError.usage("--ema and --weights: give one of them");
        }
        if (ema != null && Files.isRegularFile(checkpoint)) {
            throw UserError.usage("--ema " + ema + ": is made from a run's averages, and --checkpoint " + checkpoint
                    + " is one file; leave it out");
        }
        if (drawing.weights() != null && Files.isRegularFile(checkpoint)) {
            throw UserError.usage(
                    "--weights " + drawing.weights() + ": chooses between the files of a checkpoint, and --checkpoint "
                            + checkpoint + " is one already; leave it out");
        }
        boolean nowhere = grid == null && out == null && npy == null && trajectory == null;
        SampleRequest request = new SampleRequest(
                checkpoint,
                ema != null ? WeightsChoice.average(ema) : drawing.weightsChoice(),
                count == null ? 64 : count,
                drawing.seed(),
                drawing.batch(),
                drawing.sampler(),
                drawing.sampleSteps(),
                spacing,
                eta,
                churn,
                threshold,
                precision,
                new ClassRequest(drawing.classes(), guided, count != null),
                edit.request(count),
                nowhere ? Path.of("samples.png") : grid,
                out,
                npy,
                trajectory,
                device.resolved(),
                profile.step());
        request.checkRanges();
        return request;
    }
}
