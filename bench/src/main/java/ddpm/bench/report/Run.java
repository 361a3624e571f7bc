package ddpm.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of a script: what it ran on, and what it measured.
 *
 * @param kind {@code compare} or {@code scaling}
 * @param machine processor, or GPU
 * @param driver of the GPU; empty for a processor
 * @param forced whether samples count that were taken while other processes used the cores
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Run(
        String kind,
        String machine,
        int cores,
        @JsonProperty("memory_gb") int memoryGigabytes,
        String driver,
        String date,
        String commit,
        boolean forced,
        String command,
        List<Steps> steps) {

    /** The runs in a file of lines of JSON. */
    static List<Run> read(Path file) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<Run> runs = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode json = mapper.readTree(line);
            if (json.path("kind").asText().equals("steps")) {
                if (runs.isEmpty()) {
                    throw new IOException(file + ": steps before the line that says what they were measured on");
                }
                runs.get(runs.size() - 1).steps.add(mapper.treeToValue(json, Steps.class));
            } else {
                Run r = mapper.treeToValue(json, Run.class);
                runs.add(new Run(
                        r.kind,
                        r.machine,
                        r.cores,
                        r.memoryGigabytes,
                        r.driver,
                        r.date,
                        r.commit,
                        r.forced,
                        r.command,
                        new ArrayList<>()));
            }
        }
        if (runs.stream().anyMatch(run -> run.steps.isEmpty())) {
            throw new IOException(file + ": a run without a measurement");
        }
        return runs;
    }

    String device() {
        return steps.get(0).device();
    }

    /** What it ran on and how, in two lines. */
    String describe() {
        return machine + (driver.isEmpty() ? "" : ", driver " + driver) + ", " + cores + " cores, " + memoryGigabytes
                + " GB; " + date + ", " + commit
                + (forced ? "; forced: other processes ran, the times mean little" : "")
                + ".\n`" + command + "`\n";
    }
}
