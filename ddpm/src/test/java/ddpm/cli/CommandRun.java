package ddpm.cli;

import ddpm.data.source.DataEnvironment;
import ddpm.testing.Offline;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/** What a command line gave back. */
record CommandRun(int exitCode, String out, String err) {
    /** Runs it on a machine without data sets and without a network. */
    static CommandRun of(String... args) {
        return in(Offline.environment(Path.of("no-home")), args);
    }

    static CommandRun in(DataEnvironment environment, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(args, new PrintWriter(out), new PrintWriter(err), environment);
        return new CommandRun(exitCode, out.toString(), err.toString());
    }
}
