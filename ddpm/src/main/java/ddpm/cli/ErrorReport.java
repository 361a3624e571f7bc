package ddpm.cli;

import ddpm.DataException;
import ddpm.Devices;
import ddpm.Invocation;
import ddpm.UserError;
import ddpm.config.Nearest;
import ddpm.engine.backend.BackendException;
import ddpm.engine.disk.IoReason;
import ddpm.engine.io.SafetensorsException;
import ddpm.picture.Pictures;
import ddpm.train.checkpoint.CheckpointException;
import ddpm.train.run.RunFolderException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one sentence on the error stream and an exit code. */
final class ErrorReport implements IParameterExceptionHandler, IExecutionExceptionHandler {
    /** Failures whose message is already a sentence for the user. */
    private static final List<Class<? extends Exception>> EXPECTED = List.of(
            DataException.class,
            BackendException.class,
            SafetensorsException.class,
            CheckpointException.class,
            RunFolderException.class);

    private static final String RAISE_FILES = "; raise the limit of open files (ulimit -n)";

    /** An option with its value, as picocli lists them: {@code ={--steps=2}}. */
    private static final Pattern GIVEN = Pattern.compile("[{](--[a-z-]+)=");

    private final BooleanSupplier verbose;

    ErrorReport(BooleanSupplier verbose) {
        this.verbose = verbose;
    }

    /** A command line that could not be understood. */
    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        String named = command.getCommandSpec().qualifiedName().replaceFirst("^\\S+ ?", "");
        List<String> words = new ArrayList<>(List.of(named.split(" ")));
        words.removeIf(String::isEmpty);
        words.add("--help");
        err.println("ddpm: " + sentence(e) + " (see " + Invocation.command(words.toArray()) + ")");
        return ExitCode.USAGE;
    }

    /** A command that was understood and did not succeed. */
    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        return report(e, command.getErr());
    }

    int report(Throwable e, PrintWriter err) {
        if (e instanceof InterruptedException) {
            err.println("ddpm: interrupted");
            return ExitCode.INTERRUPTED;
        }
        if (verbose.getAsBoolean()) {
            e.printStackTrace(err);
        }
        if (e instanceof UserError error) {
            err.println("ddpm: " + e.getMessage());
            return error.exitCode();
        }
        if (EXPECTED.stream().anyMatch(type -> type.isInstance(e))) {
            err.println("ddpm: " + Devices.sentence(e));
            return ExitCode.FAILURE;
        }
        Optional<String> machine = ofMachine(e);
        if (machine.isPresent()) {
            err.println("ddpm: " + machine.get());
            return ExitCode.FAILURE;
        }
        err.println("ddpm: unexpected " + e.getClass().getSimpleName() + ": " + e.getMessage()
                + "; this is a defect, please report it"
                + (verbose.getAsBoolean() ? "" : " with the output of the same command and --verbose"));
        return ExitCode.FAILURE;
    }

    /** What failed because of the machine or how it is set up, and the remedy. */
    private static Optional<String> ofMachine(Throwable e) {
        if (e instanceof FileSystemException f) {
            return Optional.of(f.getFile() + ": " + IoReason.of(f)
                    + (isOutOfFiles(f) ? RAISE_FILES : "; check its rights and the free space"));
        }
        if (e instanceof IOException io && isOutOfFiles(io)) {
            return Optional.of(IoReason.of(io) + RAISE_FILES);
        }
        if (e instanceof InvalidPathException p) {
            return Optional.of("'" + p.getInput() + "' cannot be a name of a file in the locale of this process ("
                    + System.getProperty("sun.jnu.encoding") + "); set LC_ALL=C.UTF-8");
        }
        if (e instanceof OutOfMemoryError) {
            boolean threads = String.valueOf(e.getMessage()).contains("native thread");
            return Optional.of("out of memory (" + e.getMessage() + "); "
                    + (threads
                            ? "raise the limits of processes and of memory (ulimit -u, ulimit -v, or the container's)"
                            : "lower --batch, or give Java more with -Xmx"));
        }
        return Pictures.explain(e);
    }

    private static boolean isOutOfFiles(IOException e) {
        return IoReason.of(e).contains("Too many open files");
    }

    private static String sentence(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            return unmatched(unmatched.getUnmatched().get(0), e.getCommandLine());
        }
        String message = e.getMessage().replaceFirst("^Error: ", "");
        if (message.startsWith("expected only one match")) {
            // picocli's words for options that exclude each other, one of which was given twice
            Set<String> given = new LinkedHashSet<>();
            GIVEN.matcher(message).results().forEach(m -> given.add(m.group(1)));
            return given.size() == 1
                    ? "option '" + given.iterator().next() + "' should be specified only once"
                    : String.join(" and ", given) + ": give one of them, once";
        }
        // picocli begins with a capital, which after "ddpm: " reads oddly
        return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }

    private static String unmatched(String argument, CommandLine command) {
        String name = argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
        if (name.startsWith("-")) {
            List<String> options = new ArrayList<>();
            command.getCommandSpec().options().forEach(o -> options.add(o.longestName()));
            return "unknown option " + name + didYouMean(name, options);
        }
        if (!command.getSubcommands().isEmpty()) {
            return "unknown command " + name
                    + Nearest.hint(name, command.getSubcommands().keySet());
        }
        return "unexpected argument " + argument;
    }

    private static String didYouMean(String word, List<String> known) {
        return Nearest.to(word, known).map(k -> "; did you mean " + k + "?").orElse("");
    }
}
