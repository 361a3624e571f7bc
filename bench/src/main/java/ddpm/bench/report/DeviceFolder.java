package ddpm.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** The folder that {@code bench/device-run.sh} filled: its results, and its tests and its trace as lines of the same kind. */
record DeviceFolder(Path folder) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KERNELS = 2; // their lane in the trace
    private static final int FIELDS = 5; // of a line of tests.tsv

    /** @throws IOException where there are no results */
    List<String> lines() throws IOException {
        Path results = folder.resolve("results.jsonl");
        if (!Files.exists(results)) {
            throw new IOException(folder + " holds no results.jsonl; name a folder that bench/device-run.sh filled");
        }
        List<String> lines = new ArrayList<>(
                Files.readString(results, StandardCharsets.UTF_8).lines().toList());
        tests().forEach(t -> lines.add(t.toString()));
        kernels().forEach(k -> lines.add(k.toString()));
        return lines;
    }

    /** A line for each class of tests: {@code passed}, {@code failed}, {@code skipped}, {@code ms}, {@code failures}. */
    private List<ObjectNode> tests() throws IOException {
        Map<String, ObjectNode> classes = new LinkedHashMap<>();
        Path file = folder.resolve("tests.tsv");
        if (!Files.exists(file)) {
            return List.of();
        }
        for (String line :
                Files.readString(file, StandardCharsets.UTF_8).lines().toList()) {
            String[] f = line.split("\t", FIELDS);
            if (f.length < FIELDS || !f[3].matches("\\d+")) {
                continue; // cut off
            }
            ObjectNode json = classes.computeIfAbsent(f[1], name -> {
                ObjectNode fresh = JSON.createObjectNode().put("kind", "tests").put("class", name);
                fresh.put("passed", 0)
                        .put("failed", 0)
                        .put("skipped", 0)
                        .put("ms", 0L)
                        .putArray("failures");
                return fresh;
            });
            String verdict = f[0].toLowerCase(Locale.ROOT);
            if (!json.has(verdict)) {
                continue;
            }
            json.put(verdict, json.path(verdict).asInt() + 1);
            json.put("ms", json.path("ms").asLong() + Long.parseLong(f[3]));
            if (verdict.equals("failed")) {
                ((ArrayNode) json.path("failures")).add(f[2] + ": " + f[4]);
            }
        }
        return List.copyOf(classes.values());
    }

    /**
     * A line for each kernel of the profiled step: {@code calls}, {@code ms}, {@code bytes} of the buffers it was given, and
     * {@code flops}: those of its operation where the kernel is attention's, shared out by time among such kernels.
     */
    private List<ObjectNode> kernels() throws IOException {
        Path file = folder.resolve("trace.json.gz");
        if (!Files.exists(file)) {
            return List.of();
        }
        JsonNode events;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            events = JSON.readTree(in).path("traceEvents");
        }
        Map<String, Double> work = new LinkedHashMap<>(); // of all operations of one name and shape
        Map<String, Double> micros = new LinkedHashMap<>(); // of the kernels that do it
        for (JsonNode e : events) {
            if (!e.path("ph").asText().equals("X")) {
                continue;
            }
            if (e.path("tid").asInt() != KERNELS) {
                String operation = (e.path("name").asText() + " " + detail(e)).strip();
                work.merge(operation, e.path("args").path("flops").asDouble(), Double::sum);
            } else if (isAttention(e)) {
                micros.merge(detail(e), e.path("dur").asDouble(), Double::sum);
            }
        }
        Map<String, ObjectNode> kernels = new LinkedHashMap<>();
        for (JsonNode e : events) {
            if (!e.path("ph").asText().equals("X") || e.path("tid").asInt() != KERNELS) {
                continue;
            }
            double took = e.path("dur").asDouble();
            double flops = isAttention(e) ? work.getOrDefault(detail(e), 0.0) * took / micros.get(detail(e)) : 0;
            ObjectNode json = kernels.computeIfAbsent(
                    e.path("name").asText(),
                    name -> JSON.createObjectNode().put("kind", "kernel").put("name", name));
            json.put("calls", json.path("calls").asInt() + 1);
            json.put("ms", json.path("ms").asDouble() + took / 1e3);
            json.put(
                    "bytes",
                    json.path("bytes").asLong() + e.path("args").path("bytes").asLong());
            json.put("flops", json.path("flops").asDouble() + flops);
        }
        return kernels.values().stream()
                .sorted((a, b) ->
                        Double.compare(b.path("ms").asDouble(), a.path("ms").asDouble()))
                .collect(Collectors.toList());
    }

    private static String detail(JsonNode event) {
        return event.path("args").path("detail").asText();
    }

    private static boolean isAttention(JsonNode kernel) {
        return kernel.path("name").asText().startsWith("attention_");
    }
}
