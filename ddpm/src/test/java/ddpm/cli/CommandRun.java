package ddpm.cli;

import ddpm.data.DataEnvironment;
import ddpm.data.DownloadProgress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What a command line gave back. */
record CommandRun(int exitCode, String out, String err) {
    /** Runs it on a machine without data sets and without a network. */
    static CommandRun of(String... args) {
        return in(nowhere(Path.of("no-home")), args);
    }

    static CommandRun in(DataEnvironment environment, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(args, new PrintWriter(out), new PrintWriter(err), environment);
        return new CommandRun(exitCode, out.toString(), err.toString());
    }

    /** No data sets but those in the cache below {@code home}, no mirrors. */
    static DataEnvironment nowhere(Path home) {
        return new DataEnvironment(
                Map.of(),
                home,
                DataEnvironment.system().mnistFiles(),
                List.of(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                DownloadProgress.SILENT,
                1_000_000_000);
    }
}
