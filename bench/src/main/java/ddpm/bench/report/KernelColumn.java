package ddpm.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The last column of the table in kernels/README.md: which share of the GPU's peak the kernels of a row reached in a profiled
 * step, of the copy's bandwidth by the bytes of their buffers, attention's of the large product in bf16.
 *
 * @param run null where no GPU was measured
 */
record KernelColumn(DeviceRun run) {
    private static final String TITLE = "measured, % of peak";
    private static final String NOT_MEASURED = "not measured";
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");
    private static final Pattern BRACES = Pattern.compile("\\{([^}]*)}");

    /** The document with the column filled in, whatever stood there before. */
    String into(String document) {
        List<String> lines = new ArrayList<>();
        boolean table = false;
        for (String line : document.split("\n", -1)) {
            boolean row = line.startsWith("| ");
            table = row && (table || line.contains(TITLE));
            boolean head = line.contains(TITLE) || line.startsWith("| ---");
            lines.add(table && !head ? filled(line) : line);
        }
        return String.join("\n", lines);
    }

    private String filled(String row) {
        int last = row.lastIndexOf(" | ");
        String names = row.substring(0, row.indexOf(" | "));
        return row.substring(0, last) + " | " + share(kernels(names)) + " |";
    }

    /** The names in a cell, each brace written out. */
    static Set<String> kernels(String cell) {
        Set<String> names = new HashSet<>();
        Matcher name = NAME.matcher(cell);
        while (name.find()) {
            Matcher braces = BRACES.matcher(name.group(1));
            if (braces.find()) {
                for (String part : braces.group(1).split(",")) {
                    names.add(braces.replaceFirst(Matcher.quoteReplacement(part)));
                }
            } else {
                names.add(name.group(1));
            }
        }
        return names;
    }

    private String share(Set<String> names) {
        if (run == null) {
            return NOT_MEASURED;
        }
        List<JsonNode> ran = run.of("kernel").stream()
                .filter(k -> names.contains(k.path("name").asText()))
                .toList();
        double seconds =
                ran.stream().mapToDouble(k -> k.path("ms").asDouble() / 1e3).sum();
        double flops = ran.stream().mapToDouble(k -> k.path("flops").asDouble()).sum();
        double bytes = ran.stream().mapToDouble(k -> k.path("bytes").asDouble()).sum();
        OptionalDouble peak = flops > 0 ? run.product() : run.copy();
        if (seconds <= 0 || peak.isEmpty()) {
            return NOT_MEASURED;
        }
        String shown = ran.stream()
                .map(k -> k.path("name").asText())
                .filter(n -> names.size() > 1)
                .map(n -> "`" + n + "`")
                .distinct()
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%.1f of %s%s",
                100 * (flops > 0 ? flops : bytes) / seconds / peak.getAsDouble(),
                flops > 0 ? "the product" : "copy",
                shown.isEmpty() ? "" : ": " + shown);
    }
}
