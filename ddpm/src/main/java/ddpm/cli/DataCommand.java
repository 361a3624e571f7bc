package ddpm.cli;

import ddpm.Invocation;
import ddpm.UserError;
import ddpm.UserPath;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataConfig;
import ddpm.data.DataReport;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.cache.ImageCache;
import ddpm.data.source.DataSources;
import ddpm.disk.ByteCount;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ddpm data}: fetching and checking images, without training. */
@Command(
        name = "data",
        sortOptions = false,
        sortSynopsis = false,
        description = {"Fetches a data set, says what is in a folder, or clears the cache of decoded images.", ""},
        subcommands = {DataCommand.Fetch.class, DataCommand.Check.class, DataCommand.Clean.class},
        synopsisSubcommandLabel = "(fetch | check | clean)",
        footer = {
            "",
            "Examples:",
            "  ddpm data fetch mnist        into ~/.cache/ddpm/data/mnist, 12 MB",
            "  ddpm data check photos       count, sizes, channels, and what cannot be read and why",
            "  ddpm data clean --dry-run    which decoded images are kept, and their size"
        })
final class DataCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "data: say fetch, check or clean");
    }

    /** {@code ddpm data fetch}. */
    @Command(
            name = "fetch",
            description = "Downloads a data set, goes on where a download broke off, and checks it.",
            footer = {"", "Example:", "  ddpm data fetch mnist"})
    static final class Fetch implements Callable<Integer> {
        private static final List<String> FETCHABLE = List.of("mnist");

        @Parameters(index = "0", paramLabel = "mnist", description = "What to fetch.")
        private String name;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            OptionChecks.oneOf("data fetch", name, FETCHABLE);
            Path folder = DataSources.fetch(name, Main.environment(spec));
            spec.commandLine()
                    .getOut()
                    .println(name + " is in " + folder + "; " + Invocation.command("train") + " finds it there");
            return ExitCode.OK;
        }
    }

    /** {@code ddpm data check}. */
    @Command(
            name = "check",
            description =
                    "Reads a folder as train --data would: count, sizes, channels, and what was rejected and why.",
            footer = {"", "Example:", "  ddpm data check photos"})
    static final class Check implements Callable<Integer> {
        private static final List<String> BUILT_IN = List.of("mnist", "glyphs", "textures");

        @Parameters(
                index = "0",
                paramLabel = "PATH",
                description = "A folder of images or of IDX files, or mnist, glyphs or textures.")
        private String source;

        @Option(
                names = "--channels",
                paramLabel = "auto|1|3",
                defaultValue = "auto",
                description = "As for train: 1 converts images to grey, 3 to RGB, auto takes them as they are.")
        private String channels;

        @Option(
                names = "--size",
                paramLabel = "HxW",
                description = "As for train: crops images at the centre and resizes them, such as 32x32.")
        private String size;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            if (!BUILT_IN.contains(source)) {
                requireExists();
            }
            OptionChecks.oneOf("--channels", channels, DataConfig.CHANNELS);
            ImageSize wanted = size == null
                    ? null
                    : ImageSize.parse(size)
                            .orElseThrow(() -> UserError.usage(
                                    "--size " + size + ": expected HxW such as 32x32, sides up to " + ImageSize.MAX));
            DataSpec asked = new DataSpec(source, Channels.parse(channels), wanted, 0, 0);
            ImageSet images = DataSources.load(asked, Main.environment(spec));
            DataReport.lines(images).forEach(spec.commandLine().getOut()::println);
            return ExitCode.OK;
        }

        private void requireExists() {
            Path folder;
            try {
                folder = UserPath.of(source, Main.environment(spec).home());
            } catch (UserError e) {
                throw UserError.usage("data check: '" + source + "' " + e.getMessage(), e);
            }
            if (!Files.exists(folder)) {
                throw UserError.usage("data check " + source + ": there is no such folder");
            }
        }
    }

    /** {@code ddpm data clean}. */
    @Command(
            name = "clean",
            description = {
                "Removes decoded images from the cache. Images of more than 2 GB, or of more than Java may keep in"
                        + " memory, lie there decoded, so that a training need not fit them into memory; the next one"
                        + " decodes them again. Data sets that were fetched stay."
            },
            footer = {"", "Example:", "  ddpm data clean --dry-run"})
    static final class Clean implements Callable<Integer> {
        @Option(names = "--dry-run", description = "Only say what would be removed.")
        private boolean dryRun;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            ImageCache cache = Main.environment(spec).imageCache();
            List<ImageCache.Entry> entries = cache.entries();
            long bytes = 0;
            for (ImageCache.Entry entry : entries) {
                if (!dryRun) {
                    Files.deleteIfExists(entry.file());
                }
                bytes += entry.bytes();
                out.println(
                        (dryRun ? "would remove " : "removed ") + entry.file() + ", " + ByteCount.text(entry.bytes()));
            }
            out.println(
                    entries.isEmpty()
                            ? "nothing to remove in " + cache.folder()
                            : entries.size() + (entries.size() == 1 ? " file, " : " files, ") + ByteCount.text(bytes));
            return ExitCode.OK;
        }
    }
}
