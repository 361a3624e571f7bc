package ddpm.bench.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A run of {@code bench/scaling.sh}: for each series one row per point and two columns per variant. */
record Scaling(Run run) {
    /** @param steps by variant */
    record Point(double x, Map<String, Steps> steps) {}

    /**
     * What was varied.
     *
     * @param name {@code batch}, {@code size} or {@code widths}
     * @param fixed what was not varied, in words
     */
    record Series(String name, String fixed, List<String> variants, List<Point> points) {
        String title() {
            return switch (name) {
                case "batch" -> "batch";
                case "size" -> "height and width";
                default -> "factor on the channels";
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
        Map<Double, Map<String, Steps>> points = new TreeMap<>(Comparator.naturalOrder());
        steps.forEach(s ->
                points.computeIfAbsent(x(name, s), x -> new LinkedHashMap<>()).put(s.variant(), s));
        Steps s = steps.get(0);
        String fixed = "preset " + s.preset()
                + (name.equals("batch") ? "" : ", batch " + s.batch())
                + (name.equals("size") ? "" : ", " + s.size());
        return new Series(
                name,
                fixed,
                steps.stream().map(Steps::variant).distinct().toList(),
                points.entrySet().stream()
                        .map(e -> new Point(e.getKey(), e.getValue()))
                        .toList());
    }

    private static double x(String series, Steps s) {
        return switch (series) {
            case "batch" -> s.batch();
            case "size" -> Integer.parseInt(s.size().split("x")[0]);
            case "widths" -> s.widths();
            default -> throw new IllegalArgumentException("no series " + series);
        };
    }

    String markdown() {
        return run.describe() + series().stream().map(Scaling::table).collect(Collectors.joining());
    }

    static String table(Series series) {
        StringBuilder out =
                new StringBuilder("\nA training step, " + series.fixed() + ":\n\n| " + series.title() + " |");
        series.variants().forEach(v -> out.append(" ").append(v).append(", s |"));
        series.variants().forEach(v -> out.append(" ").append(v).append(", MB |"));
        out.append("\n| ---: |")
                .append(" ---: |".repeat(2 * series.variants().size()))
                .append('\n');
        for (Point point : series.points()) {
            out.append("| ").append(point.x() == Math.rint(point.x()) ? "" + (long) point.x() : "" + point.x());
            out.append(" |").append(cells(series, point, s -> Numbers.digits(seconds(s))));
            out.append(cells(series, point, s -> String.format(Locale.ROOT, "%,d", s.peakMegabytes())));
            out.append('\n');
        }
        return out.toString();
    }

    static double seconds(Steps s) {
        return Numbers.median(s.trainSeconds().stream().mapToDouble(d -> d).toArray());
    }

    private static String cells(Series series, Point point, Function<Steps, String> text) {
        return series.variants().stream()
                .map(point.steps()::get)
                .map(s -> s == null ? " |" : " " + text.apply(s) + " |")
                .collect(Collectors.joining());
    }
}
