package ddpm.bench.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** A run of {@code bench/compare.sh}: one row per variant, each the processes of all rounds. */
record Comparison(Run run) {
    private record Row(String variant, List<Steps> rounds) {
        boolean ours() {
            return rounds.get(0).ours();
        }

        boolean fp32() {
            return rounds.get(0).fp32();
        }

        double train() {
            return median(
                    rounds.stream().flatMap(s -> s.trainSeconds().stream()).mapToDouble(d -> d));
        }

        /** Of one step; NaN where sampling was left out. */
        double sampling() {
            return median(
                    rounds.stream().flatMap(s -> s.samplingSeconds().stream()).mapToDouble(d -> d));
        }

        long peak() {
            return rounds.stream().mapToLong(Steps::peakMegabytes).max().orElseThrow();
        }
    }

    /** @throws IllegalArgumentException where the models differ */
    String markdown() {
        Map<String, List<Steps>> byVariant = run.steps().stream()
                .collect(Collectors.groupingBy(Steps::variant, LinkedHashMap::new, Collectors.toList()));
        List<Row> rows = byVariant.entrySet().stream()
                .map(e -> new Row(e.getKey(), e.getValue()))
                .toList();
        Steps first = run.steps().get(0);
        if (run.steps().stream().anyMatch(s -> s.parameters() != first.parameters())) {
            throw new IllegalArgumentException("the models differ in their number of parameters: " + run.steps());
        }
        String versions = run.steps().stream().map(Steps::version).distinct().collect(Collectors.joining("; "));
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT,
                "%s%s, %,d parameters; %s.%n%n",
                run.describe(),
                first.workload(),
                first.parameters(),
                versions));
        out.append(
                        "| variant | training step, s | fastest .. slowest sample | 1000 sampling steps, s | peak memory, MB |")
                .append(" command to first step, s |\n| --- | ---: | ---: | ---: | ---: | ---: |\n");
        rows.forEach(row -> out.append(line(row)));
        out.append("\nA training step is the median of all samples, at least ")
                .append(fewest(Steps::trainSteps))
                .append(" in each round. ");
        if (rows.stream().anyMatch(row -> !Double.isNaN(row.sampling()))) {
            out.append("Sampling is extrapolated: 1000 times the median of the samples, at least ")
                    .append(fewest(Steps::samplingSteps))
                    .append(" in each round. ");
        }
        out.append(
                "The first step is given for each round: torch.compile compiles in the first and finds its cache in the"
                        + " others.\n");
        return out.append(ratios(rows)).toString();
    }

    private String fewest(ToIntFunction<Steps> count) {
        int steps = run.steps().stream().mapToInt(count).min().orElseThrow();
        return steps == 1 ? "1 step" : steps + " steps";
    }

    private static String line(Row row) {
        double[] all = row.rounds().stream()
                .flatMap(s -> s.trainSeconds().stream())
                .mapToDouble(d -> d)
                .sorted()
                .toArray();
        String sampling = Double.isNaN(row.sampling()) ? "" : Numbers.digits(1000 * row.sampling());
        String first = row.rounds().stream()
                .map(s -> String.format(Locale.ROOT, "%.1f", s.firstStepSeconds()))
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "| %s | **%s** | %s .. %s | %s | %,d | %s |%n",
                row.variant(),
                Numbers.digits(row.train()),
                Numbers.digits(all[0]),
                Numbers.digits(all[all.length - 1]),
                sampling,
                row.peak(),
                first);
    }

    /** PyTorch's best divided by ours, each quantity on its own; empty where one side is missing. */
    private static String ratios(List<Row> rows) {
        return ratios("fp32", rows.stream().filter(Row::fp32).toList()) + ratios("any precision", rows);
    }

    private static String ratios(String what, List<Row> rows) {
        String all = Stream.of(
                        ratio("training step", rows, Row::train),
                        ratio("sampling", rows, Row::sampling),
                        ratio("memory", rows, Row::peak))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        return all.isEmpty() ? "" : "\nPyTorch's best divided by ddpm's best, " + what + ": " + all + ".\n";
    }

    private static String ratio(String what, List<Row> rows, ToDoubleFunction<Row> quantity) {
        Optional<Row> ours = least(rows, true, quantity);
        Optional<Row> theirs = least(rows, false, quantity);
        if (ours.isEmpty() || theirs.isEmpty()) {
            return "";
        }
        double ratio = quantity.applyAsDouble(theirs.get()) / quantity.applyAsDouble(ours.get());
        return String.format(
                Locale.ROOT,
                "%s **%.2f** (%s, %s)",
                what,
                ratio,
                theirs.get().variant(),
                ours.get().variant());
    }

    private static Optional<Row> least(List<Row> rows, boolean ours, ToDoubleFunction<Row> quantity) {
        return rows.stream()
                .filter(row -> row.ours() == ours && !Double.isNaN(quantity.applyAsDouble(row)))
                .min(Comparator.comparingDouble(quantity));
    }

    private static double median(DoubleStream values) {
        return Numbers.median(values.toArray());
    }
}
