package ddpm.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** A run of {@code bench/compare.sh}: one row per variant, each the processes of all rounds. */
record Comparison(Run run) {
    private record Row(String variant, List<Steps> rounds) {
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
        int steps = run.steps().stream().mapToInt(Steps::samplingSteps).max().orElse(0);
        out.append("\nA training step is the median of all samples, at least ")
                .append(run.steps().stream().mapToInt(Steps::trainSteps).min().orElseThrow())
                .append(" steps in each round. ");
        if (steps > 0) {
            out.append("Sampling is extrapolated: the median second a step of the samples, times 1000; at least ")
                    .append(run.steps().stream()
                            .mapToInt(Steps::samplingSteps)
                            .min()
                            .orElseThrow())
                    .append(" steps were measured in each round. ");
        }
        out.append(
                "The first step is given for each round: torch.compile compiles in the first and finds its cache in the"
                        + " others.\n");
        return out.append(ratios(rows)).toString();
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

    /** How much longer PyTorch's fastest takes; empty where one side is missing. */
    private static String ratios(List<Row> rows) {
        return ratio(rows, "fp32", Steps::fp32, Steps::fp32) + ratio(rows, "any precision", s -> true, s -> true);
    }

    private static String ratio(List<Row> rows, String what, Predicate<Steps> ours, Predicate<Steps> theirs) {
        Optional<Row> a = fastest(rows, s -> s.ours() && ours.test(s));
        Optional<Row> b = fastest(rows, s -> !s.ours() && theirs.test(s));
        if (a.isEmpty() || b.isEmpty()) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                "%nFastest in %s: %s takes %.2f times as long as %s for a training step%s and %.2f times the memory.%n",
                what,
                b.get().variant(),
                b.get().train() / a.get().train(),
                a.get().variant(),
                Double.isNaN(a.get().sampling() + b.get().sampling())
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", %.2f times for sampling",
                                b.get().sampling() / a.get().sampling()),
                (double) b.get().peak() / a.get().peak());
    }

    private static Optional<Row> fastest(List<Row> rows, Predicate<Steps> which) {
        return rows.stream()
                .filter(r -> which.test(r.rounds().get(0)))
                .min((x, y) -> Double.compare(x.train(), y.train()));
    }

    private static double median(DoubleStream values) {
        return Numbers.median(values.toArray());
    }
}
