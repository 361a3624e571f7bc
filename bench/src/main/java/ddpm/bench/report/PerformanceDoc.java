package ddpm.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes docs/performance.md, its plots and the tables beside the measurements from all measurements in bench/results.
 *
 * <pre>
 * java -cp bench/target/bench.jar ddpm.bench.report.PerformanceDoc
 * </pre>
 */
public final class PerformanceDoc {
    private static final String BEGINNING =
            """
            # How fast is it, and beside what?

            What training and sampling cost in time and memory, here and in PyTorch on the same machine in the same hour. This page
            is made from the lines of JSON in [bench/results](../bench/results); do not edit it, measure:

            ```
            mvn -q -DskipTests package
            python3 -m venv torch && torch/bin/python -m pip install torch
            PYTHON=torch/bin/python bench/compare.sh
            PYTHON=torch/bin/python bench/scaling.sh
            java -cp bench/target/bench.jar ddpm.bench.report.PerformanceDoc
            ```

            Both sides train the same U-Net with the same number of parameters. A sample is at least half a second of steps and is
            refused when other processes used more than 5 % of the cores during it. ddpm's training step also gathers and scales its
            images, computes the norm of the gradients and averages the weights; PyTorch's leaves that out. Memory is the peak of the
            process's resident memory during training, with Java and Python in it, on a GPU what is held there. The first step is
            timed from the command to the end of one training step on random images, so no data set is read. Sampling is that of the
            variant's precision; the command `sample` always takes fp32.

            `java -jar bench/target/bench.jar` times single operations, beside what a copy and a large product reach on the same
            machine.
            """;

    private final Path root;

    /** @param root of the project */
    PerformanceDoc(Path root) {
        this.root = root;
    }

    public static void main(String[] args) throws IOException {
        System.setProperty("java.awt.headless", "true");
        PerformanceDoc doc = new PerformanceDoc(Path.of(""));
        Files.writeString(doc.file(), doc.text());
        for (Path file : doc.results()) {
            Files.writeString(Tables.beside(file), Tables.markdown(file));
        }
        for (Run run : doc.runs()) {
            if (run.kind().equals("scaling")) {
                for (Scaling.Series series : new Scaling(run).series()) {
                    ScalingChart.write(doc.file().resolveSibling(image(run, series)), series);
                }
            }
        }
        System.out.println("wrote " + doc.file());
    }

    Path file() {
        return root.resolve("docs/performance.md");
    }

    /** Files of measurements, oldest first. */
    List<Path> results() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("bench/results"))) {
            return files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList();
        }
    }

    /** The newest run of each kind on each machine. */
    private Collection<Run> runs() throws IOException {
        Map<String, Run> newest = new LinkedHashMap<>();
        for (Path file : results()) {
            for (Run run : Run.read(file)) {
                newest.put(Tables.title(run) + run.machine(), run);
            }
        }
        return newest.values();
    }

    String text() throws IOException {
        List<Run> cpu = new ArrayList<>();
        List<Run> cuda = new ArrayList<>();
        runs().forEach(run -> (run.device().equals("cuda") ? cuda : cpu).add(run));
        return BEGINNING + section("On the CPU", cpu, "cpu") + section("On a GPU", cuda, "cuda");
    }

    private static String section(String title, List<Run> runs, String device) {
        StringBuilder out = new StringBuilder("\n## " + title + "\n\n");
        if (runs.isEmpty()) {
            return out.append("Not measured yet: `bench/compare.sh --device ")
                    .append(device)
                    .append("`, `bench/scaling.sh --device ")
                    .append(device)
                    .append("`.\n")
                    .toString();
        }
        for (Run run : runs) {
            out.append("### ").append(Tables.title(run)).append("\n\n");
            if (run.kind().equals("compare")) {
                out.append(new Comparison(run).markdown()).append('\n');
                continue;
            }
            out.append(run.describe());
            for (Scaling.Series series : new Scaling(run).series()) {
                out.append(Scaling.table(series));
                out.append("\n![time and memory by ").append(series.title()).append("](");
                out.append(image(run, series)).append(")\n");
            }
            out.append('\n');
        }
        return out.toString().stripTrailing() + "\n";
    }

    /** Relative to the document. */
    private static String image(Run run, Scaling.Series series) {
        String machine = run.machine()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("-$", "");
        return "images/performance-" + machine + "-" + series.name() + ".png";
    }
}
