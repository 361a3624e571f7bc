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
     * @param runOrCheckpoint a run folder (its latest checkpoint counts), the folder of one checkpoint, or any folder
     *     with the weights' file and a config.yaml
     * @param ema the averaged weights, not those of the last step
     * @throws CheckpointException where something is missing or damaged
     * @throws ddpm.UserError where the configuration cannot be used
     */
    public static TrainedModel load(Path runOrCheckpoint, boolean ema) throws IOException {
        String name = ema ? Checkpoint.EMA : Checkpoint.MODEL;
        Path checkpoint = CheckpointStore.resolve(runOrCheckpoint, name);
        RunConfig config = new ConfigLoader("mnist").ofRun(configOf(checkpoint)).load();
        return new TrainedModel(
                config.model(),
                config.diffusion(),
                config.sample(),
                checkpoint.resolve(name),
                CheckpointStore.weights(checkpoint, name));
    }

    /** Beside the weights, or in the run folder that the checkpoint is in. */
    private static Path configOf(Path checkpoint) throws CheckpointException {
        Path own = checkpoint.resolve(RunFolder.CONFIG);
        if (Files.isRegularFile(own)) {
            return own;
        }
        Path checkpoints = checkpoint.toAbsolutePath().normalize().getParent();
        if (checkpoints != null && checkpoints.endsWith(RunFolder.CHECKPOINTS)) {
            Path ofRun = checkpoints.resolveSibling(RunFolder.CONFIG);
            if (Files.isRegularFile(ofRun)) {
                return ofRun;
            }
            throw new CheckpointException(
                    checkpoint + ": its run has no " + RunFolder.CONFIG + " (looked for " + ofRun
                            + "), which says what model the weights are for; copy it there",
                    null);
        }
        throw new CheckpointException(
                checkpoint + ": there is no " + RunFolder.CONFIG + ", which says what model the weights are for; write"
                        + " one into it, such as the line \"preset: mnist\" for the PyTorch reference's default",
                null);
    }
}
