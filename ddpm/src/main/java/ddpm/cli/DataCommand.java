package ddpm.cli;

import ddpm.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ddpm data}: fetching and checking images, without training. */
@Command(
        name = "data",
        sortOptions = false,
        description = {"Fetches a data set, or says what is in a folder.", ""},
        subcommands = {DataCommand.Fetch.class, DataCommand.Check.class},
        synopsisSubcommandLabel = "(fetch | check)",
        footer = {
            "",
            "Examples:",
            "  ddpm data fetch mnist        into $DDPM_DATA/mnist or ~/.cache/ddpm/data/mnist",
            "  ddpm data check photos       count, sizes, channels, and what cannot be read and why"
        })
final class DataCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "data: say fetch or check");
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

        @Override
        public Integer call() {
            OptionChecks.oneOf("data fetch", name, FETCHABLE);
            // SEAM: the download takes over here with the name and returns an ExitCode
            throw new UserError("data fetch: this build cannot download yet (wanted: " + name + ")");
        }
    }

    /** {@code ddpm data check}. */
    @Command(
            name = "check",
            description =
                    "Reads a folder as train --data would: count, sizes, channels, and what was rejected and why.",
            footer = {"", "Example:", "  ddpm data check photos"})
    static final class Check implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "PATH", description = "A folder of images or of IDX files.")
        private Path path;

        @Override
        public Integer call() {
            if (!Files.exists(path)) {
                throw UserError.usage("data check " + path + ": there is no such folder");
            }
            // SEAM: the check takes over here with the path and returns an ExitCode
            throw new UserError("data check: this build cannot check yet (wanted: " + path + ")");
        }
    }
}
