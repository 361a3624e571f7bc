package ddpm.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.bench.report.DeviceRun.Row;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What a GPU did, as Markdown. What is missing is "not measured"; nothing is made up for it. */
record DeviceReport(DeviceRun run) {
    private static final String NOT_MEASURED = "not measured";
    private static final int MOST_KERNELS = 30;

    /** The whole report. */
    String markdown() {
        StringBuilder out = new StringBuilder("# " + run.machine() + ", " + run.date() + "\n\n");
        if (run.simulated()) {
            out.append("This is the simulator: the times below say nothing about a GPU.\n\n");
        }
        out.append(describe()).append(units());
        section(out, "Ceilings", ceilings());
        section(out, "Steps beside PyTorch", steps());
        section(out, "Kernels of a step", kernels());
        section(out, "Tests on the GPU", tests());
        section(out, "Training", training());
        section(out, "Ladders", ladders());
        return out.toString();
    }

    /** What fits on a screen, and what docs/performance.md shows: ceilings and steps. */
    String brief() {
        return describe() + "\n" + orMissing(ceilings()) + "\n" + orMissing(steps());
    }

    private static void section(StringBuilder out, String title, String text) {
        out.append("\n## ").append(title).append("\n\n").append(orMissing(text));
    }

    private static String orMissing(String text) {
        return text.isEmpty() ? "Not measured.\n" : text;
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private String describe() {
        StringBuilder out = new StringBuilder();
        for (JsonNode h : run.headers()) {
            String driver = h.path("driver").asText();
            out.append(format(
                    "%s%s, %d cores (%s), %d GB; %s, %s.%n`%s`%n",
                    h.path("machine").asText(),
                    driver.isEmpty() ? "" : ", driver " + driver,
                    h.path("cores").asInt(),
                    h.path("processor").asText(),
                    h.path("memory_gb").asInt(),
                    h.path("date").asText(),
                    h.path("commit").asText(),
                    h.path("command").asText()));
        }
        if (run.cut() > 0) {
            out.append(format("%nLines that were cut off and are left out: %d.%n", run.cut()));
        }
        return out.toString();
    }

    private String units() {
        StringBuilder out = new StringBuilder("\n| unit | | s | |\n| --- | --- | ---: | --- |\n");
        for (JsonNode u : run.of("unit")) {
            out.append(format(
                    "| %s | %s | %d | %s |%n",
                    u.path("unit").asText(),
                    u.path("verdict").asText(),
                    u.path("seconds").asInt(),
                    cell(u.path("note").asText())));
        }
        return out.toString();
    }

    private static String cell(String text) {
        return text.strip().replace("|", "\\|");
    }

    private String ceilings() {
        List<JsonNode> lines = run.of("ceiling");
        if (lines.isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder("| by | copy, GB/s | product, TFLOP/s |\n| --- | ---: | ---: |\n");
        for (JsonNode c : lines) {
            out.append(format(
                    "| %s | %s | %s (%s) |%n",
                    c.path("by").asText(),
                    Numbers.digits(c.path("copy_gb_s").asDouble()),
                    Numbers.digits(c.path("product_tflop_s").asDouble()),
                    c.path("precision").asText()));
        }
        return out.append(
                        "\nA copy counts bytes read and written; the product is of large random matrices. A peak is the best.\n")
                .toString();
    }

    private String steps() {
        StringBuilder out = new StringBuilder();
        for (List<Row> rows : run.workloads()) {
            out.append(out.isEmpty() ? "" : "\n")
                    .append(rows.get(0).workload())
                    .append("; ")
                    .append(versions(rows));
            out.append(
                            "\n\n| variant | training step, ms | fastest .. slowest sample | sampling step, ms | memory, MB |")
                    .append(" command to first step, s |\n| --- | ---: | ---: | ---: | ---: | ---: |\n");
            rows.forEach(row -> out.append(line(row)));
            String ratios = ratio("training step", rows, Row::train) + ratio("sampling step", rows, Row::sampling);
            out.append(ratios.isEmpty() ? "" : "\nPyTorch's best divided by ddpm's best:" + ratios + "\n");
        }
        return out.toString();
    }

    private static String versions(List<Row> rows) {
        String versions = rows.stream()
                .flatMap(r -> r.steps().stream())
                .map(s -> s.version() + ", " + String.format(Locale.ROOT, "%,d", s.parameters()) + " parameters")
                .distinct()
                .collect(Collectors.joining("; "));
        return versions.isEmpty() ? NOT_MEASURED : versions;
    }

    private static String line(Row row) {
        if (row.steps().isEmpty()) {
            return format("| %s | %s | | | | |%n", row.variant(), cell(row.failure()));
        }
        double[] all = row.samples();
        return format(
                "| %s | **%s** | %s .. %s | %s | %,d | %s |%n",
                row.variant(),
                milliseconds(row.train()),
                milliseconds(all[0]),
                milliseconds(all[all.length - 1]),
                milliseconds(row.sampling()),
                row.steps().stream().mapToLong(Steps::peakMegabytes).max().orElseThrow(),
                row.steps().stream()
                        .map(s -> format("%.1f", s.firstStepSeconds()))
                        .collect(Collectors.joining(", ")));
    }

    private static String milliseconds(double seconds) {
        return Double.isNaN(seconds) ? NOT_MEASURED : Numbers.digits(1e3 * seconds);
    }

    private static String ratio(String what, List<Row> rows, ToDoubleFunction<Row> quantity) {
        Optional<Row> ours = least(rows, true, quantity);
        Optional<Row> theirs = least(rows, false, quantity);
        if (ours.isEmpty() || theirs.isEmpty()) {
            return "";
        }
        return format(
                " %s **%.2f** (%s, %s).",
                what,
                quantity.applyAsDouble(theirs.get()) / quantity.applyAsDouble(ours.get()),
                theirs.get().variant(),
                ours.get().variant());
    }

    private static Optional<Row> least(List<Row> rows, boolean ours, ToDoubleFunction<Row> quantity) {
        return rows.stream()
                .filter(row -> row.ours() == ours && !Double.isNaN(quantity.applyAsDouble(row)))
                .min(Comparator.comparingDouble(quantity));
    }

    private String kernels() {
        List<JsonNode> lines = run.of("kernel");
        if (lines.isEmpty()) {
            return "";
        }
        double all = lines.stream().mapToDouble(k -> k.path("ms").asDouble()).sum();
        StringBuilder out = new StringBuilder("| kernel or call | calls | ms | share | GB/s | % of copy | TFLOP/s |\n")
                .append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (JsonNode k : lines.subList(0, Math.min(MOST_KERNELS, lines.size()))) {
            double seconds = k.path("ms").asDouble() / 1e3;
            double rate = k.path("bytes").asDouble() / seconds;
            double flops = k.path("flops").asDouble() / seconds;
            out.append(format(
                    "| `%s` | %d | %.3f | %.1f %% | %s | %s | %s |%n",
                    k.path("name").asText(),
                    k.path("calls").asInt(),
                    seconds * 1e3,
                    100 * seconds * 1e3 / all,
                    rate > 0 ? Numbers.digits(rate / 1e9) : "",
                    rate > 0 ? share(rate, run.copy()) : "",
                    flops > 0 ? Numbers.digits(flops / 1e12) : ""));
        }
        return out.append(format(
                        "%nOf %d kernels and calls, %.3f ms in all, with a mark of the GPU's clock before and after each: short"
                                + " ones look longer than they are. Bytes are those of the buffers that each is given.%n",
                        lines.size(), all))
                .toString();
    }

    private static String share(double rate, OptionalDouble peak) {
        return peak.isEmpty() ? NOT_MEASURED : format("%.0f", 100 * rate / peak.getAsDouble());
    }

    private String tests() {
        List<JsonNode> lines = run.of("tests");
        if (lines.isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder(format(
                "%d passed, %d failed, %d skipped, in %d classes.%n",
                sum(lines, "passed"), sum(lines, "failed"), sum(lines, "skipped"), lines.size()));
        out.append("\n| class | passed | failed | skipped | s |\n| --- | ---: | ---: | ---: | ---: |\n");
        for (JsonNode t : lines) {
            out.append(format(
                    "| %s | %d | %d | %d | %.1f |%n",
                    t.path("class").asText().replaceFirst(".*\\.", ""),
                    t.path("passed").asInt(),
                    t.path("failed").asInt(),
                    t.path("skipped").asInt(),
                    t.path("ms").asDouble() / 1e3));
        }
        for (JsonNode t : lines) {
            for (JsonNode failure : t.path("failures")) {
                out.append(format("%n* %s, %s%n", t.path("class").asText(), failure.asText()));
            }
        }
        return out.toString();
    }

    private static int sum(List<JsonNode> lines, String field) {
        return lines.stream().mapToInt(line -> line.path(field).asInt()).sum();
    }

    private String training() {
        StringBuilder out = new StringBuilder();
        for (JsonNode t : run.of("train")) {
            out.append(format(
                    "%d s on %s, start to end; the last line of its metrics: `%s`%n",
                    t.path("seconds").asInt(), t.path("data").asText(), t.path("last")));
        }
        for (JsonNode d : run.of("drawn")) {
            out.append(format(
                    "%n%d images drawn in %.1f s, start to end.%n",
                    d.path("images").asInt(), d.path("seconds").asDouble()));
        }
        return out.toString();
    }

    private String ladders() {
        StringBuilder out = new StringBuilder();
        String title = "";
        for (JsonNode l : run.of("ladder")) {
            if (!l.path("title").asText().equals(title)) {
                title = l.path("title").asText();
                out.append(out.isEmpty() ? "" : "\n").append(title);
                out.append("\n\n| step | ms | ± | GB/s | % of copy |\n| --- | ---: | ---: | ---: | ---: |\n");
            }
            out.append(format(
                    "| %s | %.4f | %.4f | %.1f | %.1f |%n",
                    l.path("step").asText(),
                    l.path("ms").asDouble(),
                    l.path("spread_ms").asDouble(),
                    l.path("gb_s").asDouble(),
                    100 * l.path("copy_share").asDouble()));
        }
        return out.toString();
    }
}
