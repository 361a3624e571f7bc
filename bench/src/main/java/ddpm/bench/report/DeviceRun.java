package ddpm.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What {@code bench/device-run.sh} found on one GPU in one or several runs: its lines of JSON, each told apart by {@code
 * kind}. A line that is cut off, as the last one of a run that was ended may be, is left out and counted.
 *
 * @param lines of all kinds, in order
 * @param cut lines that are no JSON
 */
record DeviceRun(List<JsonNode> lines, int cut) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @throws IOException where the file cannot be read or names no device first */
    static DeviceRun read(Path file) throws IOException {
        DeviceRun run =
                of(Files.readString(file, StandardCharsets.UTF_8).lines().toList());
        if (run.lines.isEmpty() || !kind(run.lines.get(0)).equals("device")) {
            throw new IOException(file + ": its first line does not say what was measured on");
        }
        return run;
    }

    static DeviceRun of(List<String> lines) {
        List<JsonNode> read = new ArrayList<>();
        int cut = 0;
        for (String line : lines) {
            try {
                JsonNode json = JSON.readTree(line);
                if (json.isObject()) {
                    read.add(json);
                    continue;
                }
            } catch (JsonProcessingException e) {
                // counted: the run was ended while it wrote
            }
            cut++;
        }
        return new DeviceRun(List.copyOf(read), cut);
    }

    /** Whether a file of measurements is one of these. */
    static boolean isOne(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
            DeviceRun first = of(lines.limit(1).toList());
            return !first.lines.isEmpty() && kind(first.lines.get(0)).equals("device");
        }
    }

    private static String kind(JsonNode line) {
        return line.path("kind").asText();
    }

    List<JsonNode> of(String kind) {
        return lines.stream().filter(line -> kind(line).equals(kind)).toList();
    }

    /** One for each run, the first first. */
    List<JsonNode> headers() {
        return of("device");
    }

    String machine() {
        return headers().get(0).path("machine").asText();
    }

    String date() {
        return headers().get(0).path("date").asText();
    }

    boolean simulated() {
        return headers().stream().anyMatch(line -> line.path("simulator").asBoolean());
    }

    /** A variant on a workload: its processes, or why there is none. */
    record Row(String workload, String variant, List<Steps> steps, String failure) {
        boolean ours() {
            return variant.startsWith("ddpm-");
        }

        /** Seconds of a training step; NaN where it failed. */
        double train() {
            return median(Steps::trainSeconds);
        }

        /** Seconds of a sampling step; NaN where it failed or was left out. */
        double sampling() {
            return median(Steps::samplingSeconds);
        }

        double[] samples() {
            return steps.stream()
                    .flatMap(s -> s.trainSeconds().stream())
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
        }

        private double median(Function<Steps, List<Double>> samples) {
            return Numbers.median(steps.stream()
                    .flatMap(s -> samples.apply(s).stream())
                    .mapToDouble(Double::doubleValue)
                    .toArray());
        }
    }

    /** Variants in the order in which they were tried, by workload; those that failed too. */
    Collection<List<Row>> workloads() {
        List<Steps> all = of("steps").stream()
                .map(line -> JSON.convertValue(line, Steps.class))
                .toList();
        Map<String, Map<String, Row>> rows = new LinkedHashMap<>();
        int at = 0;
        for (JsonNode line : lines) {
            if (kind(line).equals("steps")) {
                Steps s = all.get(at++);
                add(rows, new Row(s.workload(), s.variant(), List.of(s), null));
            } else if (kind(line).equals("unit")) {
                addFailed(line, all, rows);
            }
        }
        return rows.values().stream().map(m -> List.copyOf(m.values())).toList();
    }

    /** A unit is called 2-PRESET-BATCH-VARIANT; it belongs to the workload of that preset and batch. */
    private static void addFailed(JsonNode unit, List<Steps> all, Map<String, Map<String, Row>> rows) {
        String[] name = unit.path("unit").asText().split("-", 4);
        String verdict = unit.path("verdict").asText();
        if (!name[0].equals("2") || name.length < 4 || verdict.equals("passed")) {
            return;
        }
        String workload = all.stream()
                .filter(s ->
                        s.preset().equals(name[1]) && String.valueOf(s.batch()).equals(name[2]))
                .map(Steps::workload)
                .findFirst()
                .orElse("preset " + name[1] + ", batch " + name[2]);
        String note = unit.path("note").asText().strip();
        add(rows, new Row(workload, name[3], List.of(), verdict + (note.isEmpty() ? "" : ": " + note)));
    }

    private static void add(Map<String, Map<String, Row>> rows, Row row) {
        rows.computeIfAbsent(row.workload, w -> new LinkedHashMap<>())
                .merge(
                        row.variant,
                        row,
                        (a, b) -> new Row(
                                a.workload,
                                a.variant,
                                Stream.concat(a.steps.stream(), b.steps.stream())
                                        .toList(),
                                a.steps.isEmpty() && b.steps.isEmpty() ? b.failure : null));
    }

    /** Bytes a second that a copy reached, the best of all; empty where none was measured. */
    OptionalDouble copy() {
        return best("copy_gb_s", line -> true, 1e9);
    }

    /** Additions and multiplications a second that a large product in bf16 reached, the best of all. */
    OptionalDouble product() {
        return best("product_tflop_s", line -> line.path("precision").asText().equals("bf16"), 1e12);
    }

    private OptionalDouble best(String field, Predicate<JsonNode> which, double unit) {
        return of("ceiling").stream()
                .filter(which)
                .mapToDouble(line -> line.path(field).asDouble(Double.NaN))
                .filter(Double::isFinite)
                .map(x -> x * unit)
                .max();
    }
}
