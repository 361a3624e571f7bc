package ddpm.engine.backend.cuda.sim;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Assumptions;

/** The simulator with the kernels of kernels/src/sim/test compiled in, one build per mode, and processes that run on it. */
final class Simulator {
    static final Path SOURCES = Path.of("..", "kernels", "src", "sim");
    private static final Path BUILT = Path.of("target", "sim-faults");

    private final Path library;
    private final Map<String, String> environment = new LinkedHashMap<>();

    private Simulator(Path library) {
        this.library = library;
    }

    /**
     * Builds it where it is older than its sources. Ends the test as skipped where it cannot be built.
     *
     * @param mode fast or check
     */
    static synchronized Simulator mode(String mode) throws IOException, InterruptedException {
        Path out = Files.createDirectories(BUILT.resolve(mode).toAbsolutePath());
        List<String> command =
                new ArrayList<>(List.of("sh", SOURCES.resolve("build.sh").toString(), mode));
        command.addAll(
                List.of(out.toString(), natives(out), SOURCES.resolve("test").toString()));
        ProcessBuilder build = new ProcessBuilder(command);
        Path core = simulatorOfTheBuild().resolve("core");
        if (Files.isDirectory(core)) {
            build.environment().put("CUSIM_CORE", core.toAbsolutePath().toString());
        }
        String said = run(build);
        Path unavailable = out.resolve("UNAVAILABLE");
        Assumptions.assumeFalse(Files.exists(unavailable), said);
        return new Simulator(out.resolve("libcuda.so.1"));
    }

    private static Path simulatorOfTheBuild() {
        return Path.of(System.getProperty("ddpm.sim", "../kernels/target/sim"));
    }

    /** build.sh wants to see which functions JCuda's driver library names. */
    private static String natives(Path out) throws IOException {
        Path folder = Files.createDirectories(out.resolve("natives"));
        String name = "libJCudaDriver-12.6.0-linux-x86_64.so";
        Path library = folder.resolve(name);
        if (!Files.exists(library)) {
            try (InputStream in = JCudaDriver.class.getResourceAsStream("/lib/" + name)) {
                Files.copy(in, library);
            }
        }
        return folder.toString();
    }

    /** Sets one of the simulator's environment variables, CUSIM_name. */
    Simulator with(String name, long value) {
        environment.put("CUSIM_" + name, Long.toString(value));
        return this;
    }

    /** What {@link SimulatorProgram} and the simulator printed, by run. */
    Map<String, String> program(List<String> runs) throws IOException, InterruptedException {
        Path temporary = Files.createTempDirectory("ddpm-sim");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-Xmx256m", "-XX:-UsePerfData", "-Djava.io.tmpdir=" + temporary));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), SimulatorProgram.class.getName()));
        command.add(library.toString());
        command.addAll(runs);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        Map<String, String> said = new LinkedHashMap<>();
        for (String part : run(builder).split("(?m)^## ")) {
            int end = part.indexOf('\n');
            said.put(end < 0 ? part : part.substring(0, end), end < 0 ? "" : part.substring(end + 1));
        }
        delete(temporary);
        return said;
    }

    private static String run(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new AssertionError(builder.command() + " failed:\n" + said);
        }
        return said;
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
