package ddpm.cli;

import ddpm.DeviceChoice;
import ddpm.Invocation;
import ddpm.UserError;
import ddpm.data.DataConfig;
import ddpm.engine.disk.IoReason;
import ddpm.train.checkpoint.RunFiles;
import ddpm.train.run.TrainRequest;
import ddpm.train.run.TrainingRun;
import ddpm.train.run.TrainingSession;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import ddpm.train.settings.TrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ddpm train}: resolves the configuration and the run folder, then trains. */
@Command(
        name = "train",
        sortOptions = false,
        sortSynopsis = false,
        description = {
            "Trains a model. Without any option: digits, with the preset quick on a CPU and mnist on a GPU.",
            "",
            "Settings come from the preset; a --config file overrides it, --set overrides the file, and the"
                    + " options below override both.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ddpm train                                        learn digits",
            "  ddpm train --data photos --size 32x32 --out runs/photos",
            "                                                    learn from a folder of images",
            "  ddpm train --preset quick --set model.num_heads=2 --steps 2000",
            "                                                    change single settings",
            "  ddpm train --resume --out runs/photos             go on after Ctrl-C",
            "  ddpm train --dry-run                              only say what would be done"
        })
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--preset",
            paramLabel = "quick|mnist|textures|cifar|cifar10",
            description = "The settings to start from (ddpm presets lists them).")
    private String preset;

    @Option(
            names = "--config",
            paramLabel = "FILE.yaml",
            description = "Settings that override the preset's; need not be complete.")
    private Path configFile;

    @Option(
            names = "--set",
            paramLabel = "key.path=value",
            description = "Overrides one setting, such as train.batch=32. May be repeated.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--data",
            paramLabel = "SOURCE",
            description = "A folder of images or IDX files, or mnist, glyphs or textures. Without it: mnist, or glyphs"
                    + " where MNIST is neither at hand nor reachable.")
    private String data;

    @Option(
            names = "--channels",
            paramLabel = "auto|1|3",
            description = "1 converts images to grey, 3 to RGB, auto takes them as they are.")
    private String channels;

    @Option(
            names = "--size",
            paramLabel = "HxW",
            description = "Crops images at the centre and resizes them, such as 32x32.")
    private String size;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The run folder: configuration, metrics, previews, checkpoints. Default: runs/<preset>.")
    private Path out;

    @Mixin
    private DeviceOption device;

    @Option(
            names = "--precision",
            paramLabel = "auto|fp32|tf32|bf16",
            description = "What to compute in; weights are kept in fp32.")
    private String precision;

    @ArgGroup
    private Length length = new Length();

    /** How long to train, told in one way. */
    static final class Length {
        @Option(names = "--steps", paramLabel = "N", description = "Stop after so many optimizer steps.")
        private Long steps;

        @Option(names = "--epochs", paramLabel = "N", description = "Stop after so many passes over the images.")
        private Integer epochs;
    }

    @Option(names = "--batch", paramLabel = "N", description = "Images per step.")
    private Integer batch;

    @Option(names = "--lr", paramLabel = "X", description = "Learning rate.")
    private Double lr;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of every random number.")
    private Long seed;

    @Option(
            names = "--resume",
            description = "Go on from the latest checkpoint in the run folder, with the settings of that run.")
    private boolean resume;

    @Option(names = "--save-every", paramLabel = "N", description = "Steps between two checkpoints.")
    private Long saveEvery;

    @Option(names = "--sample-every", paramLabel = "N", description = "Steps between two previews, 0 for none.")
    private Long sampleEvery;

    @Mixin
    private ProfileOption profile;

    @Option(names = "--dry-run", description = "Say what would be done and stop; writes nothing.")
    private boolean dryRun;

    @Option(names = "--quiet", description = "No progress, only warnings and errors.")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        TrainingSession session = new TrainingSession(
                request(), spec.commandLine().getOut(), spec.commandLine().getErr(), Main.environment(spec));
        return session.run() == TrainingRun.Outcome.STOPPED ? ExitCode.INTERRUPTED : ExitCode.OK;
    }

    /** The options, resolved and validated; touches no file but the ones it reads. */
    TrainRequest request() {
        DeviceChoice resolved = device.resolved();
        OptionChecks.oneOf("--precision", precision, TrainConfig.PRECISIONS);
        OptionChecks.oneOf("--channels", channels, DataConfig.CHANNELS);
        ConfigLoader loader = new ConfigLoader(resolved.cuda() ? "mnist" : "quick").preset(preset);
        Path folder;
        if (resume) {
            folder = out != null ? out : defaultFolder(loader.file(configFile));
            loader = resumed(folder, loader);
        } else {
            loader.file(configFile);
            folder = out != null ? out : defaultFolder(loader);
            refuseUsed(folder);
        }
        return new TrainRequest(overridden(loader), folder, resolved, resume, dryRun, quiet, profile.step());
    }

    private RunConfig overridden(ConfigLoader loader) {
        return loader.set(settings)
                .option("--data", "data.source", data)
                .option("--channels", "data.channels", channels)
                .option("--size", "data.size", size)
                .option("--precision", "train.precision", precision)
                .option("--steps", "train.steps", length.steps)
                .option("--epochs", "train.epochs", length.epochs)
                .option("--batch", "train.batch", batch)
                .option("--lr", "train.lr", lr)
                .option("--seed", "seed", seed)
                .option("--save-every", "train.save_every", saveEvery)
                .option("--sample-every", "train.sample_every", sampleEvery)
                .load();
    }

    /** The run's own settings come first, so that a plain {@code --resume} goes on exactly as it was started. */
    private ConfigLoader resumed(Path folder, ConfigLoader asked) {
        Path ofRun = folder.resolve("config.yaml");
        if (!Files.exists(ofRun) && !isRun(folder)) {
            throw UserError.usage("--resume: " + folder + " holds no run (no config.yaml); name its folder with --out,"
                    + " or start one without --resume");
        }
        ConfigLoader loader = new ConfigLoader(asked.presetName()).ofRun(ofRun);
        String presetOfRun = loader.presetName();
        loader.preset(preset).file(configFile);
        if (!loader.presetName().equals(presetOfRun)) {
            throw UserError.usage("--resume: the run in " + folder + " is of preset " + presetOfRun + ", not "
                    + loader.presetName() + "; leave out the preset to go on with it");
        }
        return loader;
    }

    private static Path defaultFolder(ConfigLoader loader) {
        return Path.of("runs", loader.presetName());
    }

    private static void refuseUsed(Path folder) {
        if (isRun(folder)) {
            throw UserError.usage(folder + " already holds a run; go on with it by "
                    + Invocation.command("train", "--resume", "--out", folder)
                    + ", or name another folder with --out");
        }
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw UserError.usage("--out " + folder + ": is a file; name a folder");
        }
    }

    private static boolean isRun(Path folder) {
        try {
            return RunFiles.isRun(folder);
        } catch (IOException e) {
            throw UserError.usage("--out " + folder + ": cannot be read (" + IoReason.of(e) + "); name another", e);
        }
    }
}
