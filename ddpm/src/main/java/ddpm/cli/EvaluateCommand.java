package ddpm.cli;

import ddpm.DeviceChoice;
import ddpm.UserError;
import ddpm.data.Channels;
import ddpm.data.DataSpec;
import ddpm.data.source.DataSources;
import ddpm.evaluate.EvaluateRequest;
import ddpm.evaluate.EvaluationSession;
import ddpm.evaluate.likelihood.LikelihoodMeasure;
import ddpm.train.checkpoint.TrainedModel;
import ddpm.train.checkpoint.TrainedModels;
import ddpm.train.checkpoint.WeightsChoice;
import ddpm.train.run.DataOfRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ddpm evaluate}: how good a model's images are. */
@Command(
        name = "evaluate",
        sortOptions = false,
        sortSynopsis = false,
        description = {
            "Says how good a model's images are: whether they look like real ones, are as varied, are copies.",
            "",
            "Draws images, or takes those that are given, and measures them beside real images that were held out:"
                    + " Frechet and kernel distance, precision, recall, density, coverage, the nearest training images, and what"
                    + " they show where the data have labels. Prints a table and writes evaluation.json and evaluation.html.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ddpm evaluate --checkpoint runs/quick                 1000 samples, evaluation.html in the run",
            "  ddpm evaluate --checkpoint runs/quick --guidance 2.5  each class in turn, guided",
            "  ddpm evaluate --checkpoint runs/quick --nll           how likely real images are to it, too",
            "  ddpm evaluate --images pictures --data photos         anybody's images",
            "  ddpm evaluate --npy digits.npy --data mnist --out judged"
        })
final class EvaluateCommand implements Callable<Integer> {
    private static final int NLL_COUNT = 256;
    private static final int NLL_STEPS = 50;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--checkpoint",
            paramLabel = "RUN_DIR|CHECKPOINT_DIR|FILE.safetensors",
            description = "The model that draws the samples, as for sample.")
    private Path checkpoint;

    @Option(names = "--images", paramLabel = "DIR", description = "A folder of pictures that are the samples.")
    private Path images;

    @Option(names = "--npy", paramLabel = "FILE.npy", description = "Samples, float32 [N,H,W,C] in [-1,1].")
    private Path npy;

    @Option(
            names = "--data",
            paramLabel = "SOURCE",
            description = "The real images, as for train. Default: those that the run learned from.")
    private String data;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1000",
            description =
                    "Samples to draw. More make the numbers surer; only numbers of the same count can be compared."
                            + " Default: ${DEFAULT-VALUE}.")
    private int count;

    @Option(
            names = "--nll",
            description =
                    "Ask the model, too, how many bits held-out images cost it (their negative log likelihood, as its"
                            + " variational bound), and at which t its guesses are better than a formula's.")
    private boolean nll;

    @Option(
            names = "--nll-count",
            paramLabel = "N",
            description = "Of --nll: held-out images to ask about. Default: 256.")
    private Integer nllCount;

    @Option(
            names = "--nll-steps",
            paramLabel = "K",
            description =
                    "Of --nll: how often the network is asked for each, at t spread over the schedule: the number is an"
                            + " estimate. As many as the schedule has: all of them. Default: 50.")
    private Integer nllSteps;

    @Mixin
    private DrawingOptions drawing;

    @Option(
            names = "--features",
            paramLabel = "FILE.safetensors",
            description =
                    "A network for the features, which evaluate has made for other data. Default: one that learned the"
                            + " classes of the data, or, without labels, one that has learned nothing.")
    private Path features;

    @Option(
            names = "--teach",
            paramLabel = "FILE.safetensors",
            description = "Teach the network for the features anew, and write it there, for --features.")
    private Path teach;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Folder for evaluation.json and evaluation.html. Default: the run's, or here for given images.")
    private Path out;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() throws IOException {
        check();
        TrainedModel trained = null;
        DataSpec real;
        if (checkpoint == null) {
            real = DataSpec.of(data);
        } else {
            WeightsChoice choice = drawing.weightsChoice();
            trained = CheckpointArgument.load(spec, checkpoint, choice, "drawing from ");
            real = real(TrainedModels.training(checkpoint, choice), trained);
        }
        new EvaluationSession(
                        request(),
                        real,
                        trained,
                        Main.environment(spec),
                        spec.commandLine().getOut())
                .run();
        return ExitCode.OK;
    }

    private void check() {
        long given = Stream.of(checkpoint, images, npy).filter(o -> o != null).count();
        if (given != 1) {
            throw UserError.usage(
                    "evaluate: give the samples by one of --checkpoint, --images and --npy, not " + given + " of them");
        }
        OptionChecks.atLeast("--count", count, 1);
        drawing.check();
        if (checkpoint != null) {
            CheckpointArgument.requireThere("--checkpoint ", checkpoint);
        } else if (data == null) {
            throw UserError.usage("evaluate: --data is missing: the real images that " + (images != null ? images : npy)
                    + " is to be compared with");
        }
        if (images != null && !Files.isDirectory(images)) {
            throw UserError.usage("--images " + images + ": there is no such folder");
        }
        checkNll();
    }

    private void checkNll() {
        if (!nll && (nllCount != null || nllSteps != null)) {
            throw UserError.usage(
                    (nllCount != null ? "--nll-count" : "--nll-steps") + ": belongs to --nll, which is not given");
        }
        if (nll && checkpoint == null) {
            throw UserError.usage("--nll: asks a model what images cost it, and pictures alone cannot be asked; give"
                    + " --checkpoint");
        }
        OptionChecks.atLeast("--nll-count", nllCount, 2);
        OptionChecks.atLeast("--nll-steps", nllSteps, 2);
    }

    /** The images of the training, or those that --data names, at the size and channels of the model. */
    private DataSpec real(Optional<TrainedModels.Training> training, TrainedModel trained) throws IOException {
        if (data == null) {
            TrainedModels.Training of = training.orElseThrow(() -> UserError.usage(
                    "evaluate: --data is missing: " + checkpoint + " does not say what it was trained on"));
            DataSpec named = of.config().dataSpec();
            return here(named.source())
                    ? named
                    : DataOfRun.read(of.folder())
                            .filter(known -> known.at() != null)
                            .map(known -> named.withSource(known.at()))
                            .orElse(named);
        }
        Channels channels = trained.model().imChannels() == 1 ? Channels.GREY : Channels.RGB;
        long drawn = training.map(of -> of.config().seed()).orElse(0L);
        return new DataSpec(data, channels, trained.model().imSize(), drawn, 0);
    }

    /** Whether a source has a name of its own or is a place that is there: a run may name one from another folder. */
    private boolean here(String source) {
        return DataSources.location(source, Main.environment(spec))
                .map(Files::exists)
                .orElse(true);
    }

    private EvaluateRequest request() {
        DeviceChoice on = device.resolved();
        return new EvaluateRequest(
                checkpoint == null ? null : drawing.request(checkpoint, count, on),
                images,
                npy,
                folder(),
                features,
                teach,
                nll ? asked() : null,
                on);
    }

    private LikelihoodMeasure.Asked asked() {
        return new LikelihoodMeasure.Asked(
                nllCount == null ? NLL_COUNT : nllCount,
                nllSteps == null ? NLL_STEPS : nllSteps,
                drawing.seed(),
                drawing.batch());
    }

    private Path folder() {
        if (out != null) {
            return out;
        }
        return checkpoint != null && Files.isDirectory(checkpoint) ? checkpoint : Path.of("");
    }
}
