package ddpm.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Files folders of {@code bench/device-run.sh} in bench/results and writes anew what depends on the results there; {@code
 * bench/device-file.sh} calls it in the root of the project.
 */
@Command(name = "DeviceFile", mixinStandardHelpOptions = true, sortOptions = false)
public final class DeviceFile implements Callable<Integer> {
    @Option(names = "--out", description = "beginning of the files' names; documents are left alone")
    private Path out;

    @Option(names = "--root", defaultValue = "", description = "of the project")
    private Path root;

    @Parameters(arity = "1..*", paramLabel = "DIR")
    private List<Path> folders;

    public static void main(String[] args) {
        System.exit(new CommandLine(new DeviceFile()).execute(args));
    }

    @Override
    public Integer call() {
        try {
            Path file = file();
            System.out.println("filed " + file + " and " + Tables.beside(file));
            return 0;
        } catch (IOException | UserError e) {
            System.err.println("device-file.sh: " + e.getMessage());
            return 1;
        }
    }

    private Path file() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path folder : folders) {
            add(new DeviceFolder(folder).lines(), lines);
        }
        DeviceRun run = DeviceRun.of(lines);
        check(run);
        Path target = out != null ? out : root.resolve("bench/results").resolve(name(run));
        Path file = target.resolveSibling(target.getFileName() + ".jsonl");
        if (Files.exists(file)) {
            List<String> known = new ArrayList<>(
                    Files.readString(file, StandardCharsets.UTF_8).lines().toList());
            add(lines, known);
            lines = known;
            check(DeviceRun.of(lines));
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines, StandardCharsets.UTF_8);
        Files.writeString(Tables.beside(file), Tables.markdown(file), StandardCharsets.UTF_8);
        for (Path folder : folders) {
            Path samples = folder.resolve("samples.npy");
            if (Files.exists(samples)) {
                SampleGrid.write(samples, target.resolveSibling(target.getFileName() + ".png"));
            }
        }
        if (out == null) {
            PerformanceDoc.write(root);
        }
        return file;
    }

    /** Appends the runs that are not there yet, each with its lines. */
    private static void add(List<String> from, List<String> to) {
        Set<String> known = new HashSet<>();
        to.forEach(line -> id(line).ifPresent(known::add));
        boolean fresh = false;
        for (String line : from) {
            Optional<String> id = id(line);
            fresh = id.map(i -> !known.contains(i)).orElse(fresh);
            if (fresh) {
                to.add(line);
            }
        }
    }

    /** Of a line that begins a run. */
    private static Optional<String> id(String line) {
        return DeviceRun.of(List.of(line)).headers().stream()
                .map(h -> h.path("id").asText())
                .findFirst();
    }

    private void check(DeviceRun run) {
        if (run.headers().isEmpty()) {
            throw new UserError(folders + ": no line says what was measured on; the run ended before it began");
        }
        Set<String> machines =
                run.headers().stream().map(h -> h.path("machine").asText()).collect(Collectors.toSet());
        if (machines.size() > 1) {
            throw new UserError("the folders are of several machines, " + String.join(" and ", machines)
                    + "; file each machine on its own");
        }
        if (run.simulated() && out == null) {
            throw new UserError(
                    "these are results of the simulator, not of a GPU; to see them as a report, name a file with --out");
        }
        boolean ran = run.of("unit").stream()
                .map((JsonNode u) -> u.path("verdict").asText())
                .anyMatch(v -> v.equals("passed"));
        if (!ran && out == null) {
            throw new UserError("nothing in these folders passed, so there is nothing to file; run.log says why");
        }
    }

    private static String name(DeviceRun run) {
        String gpu = run.machine()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
        return gpu + "-" + run.date();
    }
}
