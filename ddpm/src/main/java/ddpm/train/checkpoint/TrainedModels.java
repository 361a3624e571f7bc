package ddpm.train.checkpoint;

import ddpm.UserError;
import ddpm.config.Problems;
import ddpm.engine.io.Safetensors;
import ddpm.engine.optim.PowerAverage;
import ddpm.engine.tensor.HostTensor;
import ddpm.huggingface.ModelFolder;
import ddpm.huggingface.Scheduling;
import ddpm.model.ClassCount;
import ddpm.model.ModelConfig;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import ddpm.train.settings.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** Finds what a training, here, in PyTorch or by diffusers, left for drawing images. */
public final class TrainedModels {
    private TrainedModels() {}

    /**
     * Weights and the configuration they belong to.
     *
     * @param given a run folder (its latest checkpoint counts), the folder of one checkpoint, a run's {@code
     *     checkpoints/best}, any folder with the weights' file and a config.yaml, a .safetensors file with a config.yaml beside it, or a folder of diffusers
     * @param choice which weights; a file is taken whichever it is
     * @throws CheckpointException where something is missing or damaged
     * @throws ddpm.UserError where the configuration cannot be used
     */
    public static TrainedModel load(Path given, WeightsChoice choice) throws IOException {
        Optional<ModelFolder> diffusers = diffusers(given);
        if (diffusers.isPresent()) {
            return of(diffusers.get(), choice);
        }
        Path file = file(given, choice.raw() ? Checkpoint.MODEL : Checkpoint.EMA);
        Path folder = parent(file);
        RunConfig config = new ConfigLoader("mnist").ofRun(configOf(folder)).load();
        if (choice.another()) {
            return another(config, folder, choice.average());
        }
        return of(
                config, file, CheckpointStore.weights(folder, file.getFileName().toString()));
    }

    /** A training. @param folder with its config.yaml */
    public record Training(RunConfig config, Path folder) {}

    /** The training that weights are from; nothing for a folder of diffusers. */
    public static Optional<Training> training(Path given, WeightsChoice choice) throws IOException {
        if (diffusers(given).isPresent()) {
            return Optional.empty();
        }
        Path folder = parent(file(given, choice.raw() ? Checkpoint.MODEL : Checkpoint.EMA));
        Path config = configOf(folder);
        return Optional.of(new Training(new ConfigLoader("mnist").ofRun(config).load(), parent(config)));
    }

    /** The folder, or the one that the file of weights is in; one with settings of ours is ours. */
    private static Optional<ModelFolder> diffusers(Path given) {
        Path folder = given.endsWith(ModelFolder.WEIGHTS) ? parent(given) : given;
        return Files.exists(folder.resolve(RunFiles.CONFIG)) ? Optional.empty() : ModelFolder.in(folder);
    }

    private static TrainedModel of(ModelFolder folder, WeightsChoice choice) throws IOException {
        if (choice.another()) {
            throw UserError.usage("--ema " + choice.average() + ": is made from a run's averages, and "
                    + folder.config().getParent() + " has none; leave it out");
        }
        ModelConfig model = folder.network();
        Scheduling scheduling = folder.scheduling();
        if (!Files.exists(folder.weights())) {
            Path beside = parent(folder.weights());
            throw new CheckpointException(
                    beside + ": there is no " + ModelFolder.WEIGHTS
                            + ForeignWeights.in(beside).map(what -> "; " + what).orElse(""),
                    null);
        }
        int classes = ClassCount.of(model.classes());
        return new TrainedModel(
                model,
                scheduling.diffusion(),
                scheduling.objective(),
                scheduling.sample(),
                IntStream.range(0, classes).mapToObj(String::valueOf).toList(),
                folder.weights(),
                ModelFolder.renamed(Safetensors.read(folder.weights()).tensors()),
                scheduling.notes());
    }

    /** Another average than the one that previews were drawn with: one of the training's decays, or any relative width. */
    private static TrainedModel another(RunConfig config, Path folder, double value) throws IOException {
        TrainConfig train = config.train();
        if (value <= PowerAverage.WIDEST) {
            long step = TrainerState.read(folder.resolve(Checkpoint.STATE)).step();
            Path run = folder.toAbsolutePath().normalize().getParent().getParent();
            Path named = folder.resolve("averages of width " + value);
            return of(config, named, KeptAverages.of(run).of(value, step));
        }
        if (!train.emaDecay().contains(value)) {
            throw UserError.usage("--ema " + value + ": the training kept averages of decay "
                    + Problems.list(
                            train.emaDecay().stream().map(String::valueOf).toList(), "and")
                    + "; give one of them, or a width of at most " + PowerAverage.WIDEST);
        }
        String name = train.emaDecay().get(0) == value ? Checkpoint.EMA : AverageFiles.ofDecay(value);
        return of(config, folder.resolve(name), CheckpointStore.weights(folder, name));
    }

    private static TrainedModel of(RunConfig config, Path file, Map<String, HostTensor> weights) {
        return new TrainedModel(
                config.model(),
                config.diffusion(),
                config.objective(),
                config.sample(),
                config.classNames(),
                file,
                weights,
                List.of());
    }

    /** After how many steps of a training the weights were saved; empty where nothing beside them says so. */
    public static OptionalLong steps(TrainedModel trained) throws IOException {
        Path state = parent(trained.file()).resolve(Checkpoint.STATE);
        return Files.isRegularFile(state)
                ? OptionalLong.of(TrainerState.read(state).step())
                : OptionalLong.empty();
    }

    private static Path file(Path asked, String name) throws IOException {
        Path given = CheckpointStore.follow(asked);
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
        Path own = checkpoint.resolve(RunFiles.CONFIG);
        if (Files.exists(own)) {
            return own;
        }
        Path checkpoints = checkpoint.toAbsolutePath().normalize().getParent();
        if (checkpoints != null && checkpoints.endsWith(RunFiles.CHECKPOINTS)) {
            Path ofRun = checkpoints.resolveSibling(RunFiles.CONFIG);
            if (Files.exists(ofRun)) {
                return ofRun;
            }
            throw new CheckpointException(
                    checkpoint + ": its run has no " + RunFiles.CONFIG + " (looked for " + ofRun
                            + "), which says what model the weights are for; copy it there",
                    null);
        }
        throw new CheckpointException(
                (checkpoint.toString().isEmpty() ? "the working folder" : checkpoint) + ": there is no "
                        + RunFiles.CONFIG + ", which says what model the weights are for; write"
                        + " one into it, such as the line \"preset: mnist\" for the PyTorch reference's default",
                null);
    }
}
