package ddpm.cli;

import ddpm.Invocation;
import ddpm.UserError;
import ddpm.sample.SampleConfig;
import ddpm.sample.SampleRequest;
import ddpm.sample.SamplingSession;
import ddpm.sample.TrainedModel;
import ddpm.train.CheckpointStore;
import ddpm.train.TrainedModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
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
            "  ddpm sample --checkpoint runs/quick --count 8 --trajectory noise-to-digit.gif"
        })
final class SampleCommand implements Callable<Integer> {
    private static final List<String> WEIGHTS = List.of("ema", "raw");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "RUN_DIR|CHECKPOINT_DIR|FILE.safetensors",
            description = "A run folder, whose latest checkpoint counts, the folder of one checkpoint, or a file of"
                    + " weights with a config.yaml beside it.")
    private Path checkpoint;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "64",
            description = "Images to draw. Default: ${DEFAULT-VALUE}.")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "The same seed gives the same images, whatever --batch. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Images drawn at a time; fewer take less memory. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--sampler",
            paramLabel = "ddpm|ddim",
            description = "ddpm takes all steps of the schedule, ddim a few of them. Default: as the run's previews.")
    private String sampler;

    @Option(
            names = "--sample-steps",
            paramLabel = "N",
            description = "How many steps ddim takes. Default: as the run's previews.")
    private Integer sampleSteps;

    @Option(
            names = "--eta",
            paramLabel = "X",
            description = "Noise that ddim adds: 0 none, 1 as much as ddpm. Default: as the run's previews.")
    private Double eta;

    @Option(names = "--grid", paramLabel = "FILE.png", description = "All images in one.")
    private Path grid;

    @Option(names = "--out", paramLabel = "DIR", description = "A folder for one PNG per image.")
    private Path out;

    @Option(names = "--npy", paramLabel = "FILE.npy", description = "float32 [N,H,W,C] in [-1,1], for NumPy.")
    private Path npy;

    @Option(
            names = "--weights",
            paramLabel = "ema|raw",
            description = "The running average of the weights, or those of the last step. Default: ema.")
    private String weights;

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
        new CheckpointStore(request.checkpoint())
                .passedOver("drawing from ", "there is no other checkpoint")
                .ifPresent(text -> {
                    spec.commandLine().getErr().println("ddpm: " + text);
                    spec.commandLine().getErr().flush();
                });
        TrainedModel trained = TrainedModels.load(request.checkpoint(), request.ema());
        new SamplingSession(request, trained, spec.commandLine().getOut()).run();
        return ExitCode.OK;
    }

    /** The options, validated; what depends on the run is settled by {@link SampleRequest#sampling}. */
    SampleRequest request() {
        OptionChecks.atLeast("--count", count, 1);
        OptionChecks.atLeast("--batch", batch, 1);
        OptionChecks.atLeast("--sample-steps", sampleSteps, 1);
        OptionChecks.oneOf("--sampler", sampler, SampleConfig.SAMPLERS);
        OptionChecks.oneOf("--weights", weights, WEIGHTS);
        OptionChecks.ending("--grid", grid, ".png");
        OptionChecks.ending("--npy", npy, ".npy");
        OptionChecks.ending("--trajectory", trajectory, ".png", ".gif");
        if (eta != null && !(eta >= 0 && eta <= 1)) {
            throw UserError.usage("--eta " + eta + ": must be from 0 to 1");
        }
        if (eta != null && "ddpm".equals(sampler)) {
            throw UserError.usage("--eta is of the ddim sampler only; leave it out, or take --sampler ddim");
        }
        if (!Files.exists(checkpoint)) {
            throw UserError.usage("--checkpoint " + checkpoint + ": there is no such folder or file; name a run folder"
                    + " such as runs/quick, or make one with " + Invocation.command("train"));
        }
        if (weights != null && Files.isRegularFile(checkpoint)) {
            throw UserError.usage(
                    "--weights " + weights + ": chooses between the files of a checkpoint, and --checkpoint "
                            + checkpoint + " is one already; leave it out");
        }
        boolean nowhere = grid == null && out == null && npy == null && trajectory == null;
        return new SampleRequest(
                checkpoint,
                !"raw".equals(weights),
                count,
                seed,
                batch,
                sampler,
                sampleSteps,
                eta,
                nowhere ? Path.of("samples.png") : grid,
                out,
                npy,
                trajectory,
                device.resolved(),
                profile.step());
    }
}
