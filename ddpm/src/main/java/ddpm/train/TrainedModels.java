package ddpm.train;

import ddpm.sample.TrainedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds what a training, here or in PyTorch, left for drawing images. */
public final class TrainedModels {
    private TrainedModels() {}

    /**
     * Weights and the configuration they belong to.
     *
     * @param given a run folder (its latest checkpoint counts), the folder of one checkpoint, any folder with the
     *     weights' file and a config.yaml, or a .safetensors file with a config.yaml beside it
     * @param ema the averaged weights, not those of the last step; a file is taken whichever it is
     * @throws CheckpointException where something is missing or damaged
     * @throws ddpm.UserError where the configuration cannot be used
     */
    public static TrainedModel load(Path given, boolean ema) throws IOException {
        Path file = file(given, ema ? Checkpoint.EMA : Checkpoint.MODEL);
        Path folder = parent(file);
        RunConfig config = new ConfigLoader("mnist").ofRun(configOf(folder)).load();
        return new TrainedModel(
                config.model(),
                config.diffusion(),
                config.sample(),
                file,
                CheckpointStore.weights(folder, file.getFileName().toString()));
    }

    private static Path file(Path given, String name) throws IOException {
        if (Files.isRegularFile(given)) {
            ForeignWeights.requireSafetensors(given);
            return given;
        }
        return CheckpointStore.resolve(given, name).resolve(name);
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of("") : parent;
    }

    /** Beside the weights, or in the run folder that the checkpoint is in. */
    private static Path configOf(Path checkpoint) throws CheckpointException {
        Path own = checkpoint.resolve(RunFolder.CONFIG);
        if (Files.exists(own)) {
            return own;
        }
        Path checkpoints = checkpoint.toAbsolutePath().normalize().getParent();
        if (checkpoints != null && checkpoints.endsWith(RunFolder.CHECKPOINTS)) {
            Path ofRun = checkpoints.resolveSibling(RunFolder.CONFIG);
            if (Files.exists(ofRun)) {
                return ofRun;
            }
            throw new CheckpointException(
                    checkpoint + ": its run has no " + RunFolder.CONFIG + " (looked for " + ofRun
                            + "), which says what model the weights are for; copy it there",
                    null);
        }
        throw new CheckpointException(
                (checkpoint.toString().isEmpty() ? "the working folder" : checkpoint) + ": there is no "
                        + RunFolder.CONFIG + ", which says what model the weights are for; write"
                        + " one into it, such as the line \"preset: mnist\" for the PyTorch reference's default",
                null);
    }
}
