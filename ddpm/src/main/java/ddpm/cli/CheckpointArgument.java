package ddpm.cli;

import ddpm.Invocation;
import ddpm.UserError;
import ddpm.train.checkpoint.CheckpointStore;
import ddpm.train.checkpoint.TrainedModel;
import ddpm.train.checkpoint.TrainedModels;
import ddpm.train.checkpoint.WeightsChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A checkpoint that a command is about, and which of its weights. */
final class CheckpointArgument {
    private static final List<String> WEIGHTS = List.of("ema", "raw");

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description =
                    "A run folder, whose latest checkpoint counts, the folder of one checkpoint, a file of weights with"
                            + " a config.yaml beside it, or a folder that Hugging Face diffusers wrote.")
    private Path checkpoint;

    @Option(
            names = "--weights",
            paramLabel = "ema|raw",
            defaultValue = "ema",
            description = "The running average of the weights, or those of the last step. Default: ${DEFAULT-VALUE}.")
    private String weights;

    boolean ema() {
        return weights.equals("ema");
    }

    /** @param doing the start of a sentence on a damaged checkpoint that was passed over, such as {@code "reading "} */
    TrainedModel load(CommandSpec spec, String doing) throws IOException {
        OptionChecks.oneOf("--weights", weights, WEIGHTS);
        requireThere("", checkpoint);
        return load(spec, checkpoint, ema() ? WeightsChoice.EMA : WeightsChoice.RAW, doing);
    }

    /** @param option that named it, with a blank behind it, or nothing */
    static void requireThere(String option, Path checkpoint) {
        if (!Files.exists(checkpoint)) {
            throw UserError.usage(option + checkpoint + ": there is no such folder or file; name a run folder"
                    + " such as runs/quick, or make one with " + Invocation.command("train"));
        }
    }

    /** Loads it, and says on standard error which damaged checkpoint was passed over for it. */
    static TrainedModel load(CommandSpec spec, Path checkpoint, WeightsChoice weights, String doing)
            throws IOException {
        new CheckpointStore(checkpoint)
                .passedOver(doing, "there is no other checkpoint")
                .ifPresent(text -> {
                    spec.commandLine().getErr().println("ddpm: " + text);
                    spec.commandLine().getErr().flush();
                });
        return TrainedModels.load(checkpoint, weights);
    }
}
