package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;

/** A Java process of its own, with this one's class path, that signals can be sent to. */
final class Child implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120; // on a machine that others use

    private final Process process;
    private final Path out;
    private final Path err;

    private Child(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    static Child start(Path folder, Class<?> main, String... args) throws IOException {
        return start(folder, Map.of(), main, args);
    }

    /** @param environment variables that are others than this process's; empty ones are not there */
    static Child start(Path folder, Map<String, String> environment, Class<?> main, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        if (defaultsSignals()) {
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.awt.headless=true"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        builder.environment().values().removeIf(String::isEmpty);
        return new Child(builder.start(), out, err);
    }

    /** A shell that starts its jobs in the background has them ignore Ctrl-C, and Java keeps to that. */
    private static boolean defaultsSignals() {
        try {
            return new ProcessBuilder("env", "--default-signal=INT", "true")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends a signal, such as {@code TERM}; skips the test where there are no signals. */
    void signal(String name) throws IOException, InterruptedException {
        try {
            int code = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            assertEquals(0, code, "kill -" + name);
        } catch (IOException e) {
            Assumptions.abort("no kill command on this machine: " + e.getMessage());
        }
    }

    /** Waits until something is the case, at most two minutes, while the process lives. */
    void await(String what, BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                fail(what + " did not happen; the process " + (process.isAlive() ? "lives" : "has ended") + ": " + out()
                        + err());
            }
            Thread.sleep(2);
        }
    }

    /** Waits for the end and gives the exit code. */
    int code() throws InterruptedException {
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "the process does not end");
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    boolean lives() {
        return process.isAlive();
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** kill -9. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
