package ddpm.verify.vectors;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.UserError;
import ddpm.engine.disk.IoReason;
import ddpm.engine.io.Safetensors;
import ddpm.verify.report.Check;
import ddpm.verify.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A folder of reference vectors. A file that is missing or cannot be read is a failed check. */
public final class VectorFolder {
    public static final String SUFFIX = ".safetensors";
    private static final int SHOWN = 40;

    private final Path folder;
    private final String label;
    private final Report report;
    private final Map<String, Optional<VectorFile>> opened = new LinkedHashMap<>();

    public VectorFolder(Path folder, Report report) {
        this(folder, "", report);
    }

    private VectorFolder(Path folder, String label, Report report) {
        this.folder = folder;
        this.label = label;
        this.report = report;
    }

    /** A folder in this one; what is wrong with its files is reported under their path from here. */
    public VectorFolder folder(String name) {
        return new VectorFolder(folder.resolve(name), label(name) + "/", report);
    }

    /** How a file is called in the report. */
    public String label(String name) {
        return label + name;
    }

    /** The names of all folders in this one, ascending. */
    public List<String> folders() {
        return list(Files::isDirectory);
    }

    /** The names of all safetensors files here, ascending. */
    public List<String> names() {
        return names(SUFFIX);
    }

    /** The names of all files with that ending, ascending. */
    public List<String> names(String suffix) {
        return list(f -> f.getFileName().toString().endsWith(suffix) && Files.isRegularFile(f));
    }

    private List<String> list(Predicate<Path> which) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(which)
                    .map(f -> f.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserError("verify " + folder + ": cannot be listed: " + IoReason.of(e), e);
        }
    }

    public boolean hasAny(List<String> files) {
        return files.stream().anyMatch(f -> Files.isRegularFile(folder.resolve(f)));
    }

    /** The tensors of {@code name}; empty where they cannot be had, which is then reported. */
    public Optional<VectorFile> file(String name) {
        return opened.computeIfAbsent(name, this::open);
    }

    private Optional<VectorFile> open(String name) {
        if (isMissing(name)) {
            return Optional.empty();
        }
        try {
            VectorFile file = new VectorFile(
                    label(name), Safetensors.read(folder.resolve(name)).tensors());
            file.notFinite().forEach(what -> report.add(Check.failed(label(name), what + "; the vectors are damaged")));
            return Optional.of(file);
        } catch (IOException e) {
            report.add(Check.failed(label(name), e.getMessage())); // a SafetensorsException: file, problem, remedy
            return Optional.empty();
        }
    }

    /** The object in a JSON file; empty where it cannot be had, which is then reported. */
    public Optional<JsonNode> json(String name) {
        if (isMissing(name)) {
            return Optional.empty();
        }
        try {
            JsonNode node = new ObjectMapper().readTree(folder.resolve(name).toFile());
            if (node != null && node.isObject()) {
                return Optional.of(node);
            }
            report.add(Check.failed(label(name), "is not a JSON object; copy the file again"));
        } catch (JacksonException e) {
            report.add(Check.failed(label(name), "is not JSON: " + e.getOriginalMessage() + "; copy the file again"));
        } catch (IOException e) {
            report.add(Check.failed(label(name), "cannot be read: " + IoReason.of(e)));
        }
        return Optional.empty();
    }

    private boolean isMissing(String name) {
        boolean missing = !Files.isRegularFile(folder.resolve(name));
        if (missing) {
            report.add(Check.failed(label(name), "there is no such file in " + folder + "; copy the whole folder"));
        }
        return missing;
    }

    /** One failed check per file with tensors that no check has used, unknown files included. */
    public void reportUncovered() {
        names().forEach(this::file);
        opened.values().stream().flatMap(Optional::stream).forEach(file -> {
            List<String> left = file.uncovered();
            if (!left.isEmpty()) {
                String more = left.size() > SHOWN ? " and " + (left.size() - SHOWN) + " more" : "";
                report.add(Check.failed(
                        file.name(),
                        left.size() + " tensors that no check covers: "
                                + String.join(", ", left.subList(0, Math.min(SHOWN, left.size()))) + more));
            }
        });
    }

    /** A failed check per tensor that the folder's README.md lists and its file does not have. */
    public void reportUndelivered() {
        Documentation.of(folder).forEach((name, tensors) -> {
            Optional<VectorFile> file = opened.getOrDefault(name, Optional.empty());
            file.ifPresent(f -> tensors.stream()
                    .filter(t -> !f.has(t) && !f.complainedOf(t))
                    .forEach(t -> report.add(
                            Check.failed(name + " " + t, "is listed in README.md and missing in the file"))));
        });
    }
}
