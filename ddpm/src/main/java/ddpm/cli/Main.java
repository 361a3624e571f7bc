package ddpm.cli;

import ddpm.Invocation;
import ddpm.UserError;
import ddpm.UserPath;
import ddpm.data.source.DataEnvironment;
import ddpm.picture.Pictures;
import ddpm.train.run.StopSignals;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The {@code ddpm} command: {@code java -jar ddpm.jar COMMAND ...}. */
@Command(
        name = "ddpm",
        description = "Trains diffusion models on images and draws from them.",
        subcommands = {
            TrainCommand.class,
            SampleCommand.class,
            EvaluateCommand.class,
            CompareCommand.class,
            InfoCommand.class,
            ExportCommand.class,
            VerifyCommand.class,
            DataCommand.class,
            ListCommand.class,
            PresetsCommand.class,
            DoctorCommand.class
        },
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  ddpm train                                learn digits, into runs/quick",
            "  ddpm sample --checkpoint runs/quick       draw 64 of them, into samples.png",
            "  ddpm evaluate --checkpoint runs/quick     how good they are, with pictures, in evaluation.html",
            "  ddpm compare runs/quick runs/other        two trainings beside each other, in comparison.html",
            "  ddpm train --help                         every option of a command",
            "",
            "Exit codes: 0 done, 1 failed, 2 bad usage, 130 interrupted (and saved)."
        })
public final class Main implements Runnable {
    private static final int HELP_COLUMNS = 100;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and stop.")
    private boolean help;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "With an error, print the stack trace too.")
    private boolean verbose;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and stop.")
    private boolean version;

    private final DataEnvironment environment;

    private Main(DataEnvironment environment) {
        this.environment = environment;
    }

    /** Where a command run by {@link #run} finds data sets. */
    static DataEnvironment environment(CommandSpec command) {
        return ((Main) command.root().userObject()).environment;
    }

    /** Runs the command line and ends the process with one of {@link ExitCode}. */
    public static void main(String[] args) {
        // both before a library looks: charts and help must not follow the locale, nor AWT look for a display
        Locale.setDefault(Locale.ROOT);
        Pictures.withoutDisplay();
        int code = ExitCode.FAILURE;
        try {
            StandardOutput out = StandardOutput.ofProcess();
            PrintWriter err = StandardOutput.errors();
            code = written(run(Arguments.restored(args), out.writer(), err), out, err);
        } finally {
            StopSignals.exit(code);
        }
    }

    /** @return {@code code}, but a failure where the command succeeded and its output did not arrive */
    private static int written(int code, StandardOutput out, PrintWriter err) {
        Optional<String> lost = out.lost();
        lost.ifPresent(reason -> err.println("ddpm: standard output cannot be written (" + reason + "): what was said"
                + " there is lost, and only that; send it to another place"));
        return lost.isPresent() && code == ExitCode.OK ? ExitCode.FAILURE : code;
    }

    /**
     * Runs the command line in this process.
     *
     * @param out what was asked for
     * @param err errors and progress
     * @return one of {@link ExitCode}
     */
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        return run(args, out, err, DataEnvironment.system());
    }

    /** As {@link #run(String[], PrintWriter, PrintWriter)}, with data sets looked for elsewhere. */
    static int run(String[] args, PrintWriter out, PrintWriter err, DataEnvironment environment) {
        Main main = new Main(environment);
        CommandLine commandLine = new CommandLine(main);
        ErrorReport errors = new ErrorReport(() -> main.verbose);
        commandLine
                .setOut(out)
                .setErr(err)
                .setUsageHelpWidth(HELP_COLUMNS)
                .registerConverter(Path.class, Main::path)
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors);
        try {
            return commandLine.execute(args);
        } catch (Error e) {
            // picocli catches exceptions only; running out of memory is an Error
            return errors.report(e, err);
        } finally {
            out.flush();
            err.flush();
        }
    }

    /** Every option and argument that is a path. */
    private static Path path(String text) {
        try {
            return UserPath.of(text);
        } catch (UserError e) {
            String shown = text.length() > 80 ? text.substring(0, 40) + "..." : text;
            throw new TypeConversionException("'" + shown + "' " + e.getMessage());
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
        throw new CommandLine.ParameterException(
                spec.commandLine(), "no command given; try: " + Invocation.command("train"));
    }
}
