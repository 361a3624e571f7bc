package ddpm.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A run of {@code bench/scaling.sh}: for each series one row per point and two columns per variant. */
record Scaling(Run run) {
    /** What was varied, and the points: each has one process per variant. */
    record Series(String name, String fixed, List<String> variants, Map<String, Map<String, Steps>> points) {
        String title() {
            return switch (name) {
                case "batch" -> "batch";
                case "size" -> "height and width";
                case "widths" -> "channels";
                default -> throw new IllegalArgumentException("no series " + name);
            };
        }
    }

    List<Series> series() {
        return run.steps().stream()
                .collect(Collectors.groupingBy(Steps::series, LinkedHashMap::new, Collectors.toList()))
                .entrySet()
                .stream()
                .map(e -> series(e.getKey(), e.getValue()))
                .toList();
    }

    private static Series series(String name, List<Steps> steps) {
        Map<String, Map<String, Steps>> points = new LinkedHashMap<>();
        steps.forEach(s -> points.computeIfAbsent(point(name, s), p -> new LinkedHashMap<>())
                .put(s.variant(), s));
        Steps s = steps.get(0);
        String fixed = "preset " + s.preset()
                + (name.equals("batch") ? "" : ", batch " + s.batch())
                + (name.equals("size") ? "" : ", " + s.size());
        return new Series(
                name, fixed, steps.stream().map(Steps::variant).distinct().toList(), points);
    }

    private static String point(String series, Steps s) {
        return switch (series) {
            case "batch" -> String.valueOf(s.batch());
            case "size" -> s.size().contains("x")
                    ? s.size().substring(0, s.size().indexOf('x'))
                    : s.size();
            default -> "x" + s.widths();
        };
    }

    String markdown() {
        return run.describe() + series().stream().map(Scaling::table).collect(Collectors.joining());
    }

    static String table(Series series) {
        StringBuilder out = new StringBuilder("\n" + series.fixed() + ":\n\n| " + series.title() + " |");
        series.variants().forEach(v -> out.append(" ").append(v).append(", s |"));
        series.variants().forEach(v -> out.append(" ").append(v).append(", MB |"));
        out.append("\n| ---: |")
                .append(" ---: |".repeat(2 * series.variants().size()))
                .append('\n');
        series.points().forEach((point, byVariant) -> {
            out.append("| ").append(point).append(" |");
            out.append(cells(series, byVariant, s -> Numbers.digits(seconds(s))));
            out.append(cells(series, byVariant, s -> String.format(Locale.ROOT, "%,d", s.peakMegabytes())));
            out.append('\n');
        });
        return out.toString();
    }

    static double seconds(Steps s) {
        return Numbers.median(s.trainSeconds().stream().mapToDouble(d -> d).toArray());
    }

    private static String cells(Series series, Map<String, Steps> byVariant, Function<Steps, String> text) {
        return series.variants().stream()
                .map(v -> byVariant.containsKey(v) ? " " + text.apply(byVariant.get(v)) + " |" : " |")
                .collect(Collectors.joining());
    }
}
