package ddpm.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes docs/performance.md, its plots, the tables beside the measurements and the measured column of kernels/README.md from
 * all measurements in bench/results.
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

            On a GPU `bench/device-run.sh` measures and `bench/device-file.sh` files ([docs/cuda.md](cuda.md)); there all samples count
            that were taken while nvidia-smi named no other process.

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
        System.out.println("wrote " + write(Path.of("")));
    }

    /** @return the document */
    static Path write(Path root) throws IOException {
        PerformanceDoc doc = new PerformanceDoc(root);
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
        Files.writeString(doc.kernels(), doc.kernelTable());
        return doc.file();
    }

    /** The document with the table of kernels. */
    Path kernels() {
        return root.resolve("kernels/README.md");
    }

    /** What that document has to be: its last column tells what the newest run on a GPU measured. */
    String kernelTable() throws IOException {
        DeviceRun newest = devices().values().stream()
                .max(Comparator.comparing(DeviceRun::date))
                .orElse(null);
        return new KernelColumn(newest).into(Files.readString(kernels()));
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
            for (Run run : DeviceRun.isOne(file) ? List.<Run>of() : Run.read(file)) {
                newest.put(Tables.title(run) + run.machine(), run);
            }
        }
        return newest.values();
    }

    /** The newest of each GPU; files of one GPU are named by their dates. */
    private Map<Path, DeviceRun> devices() throws IOException {
        Map<String, Path> newest = new LinkedHashMap<>();
        Map<Path, DeviceRun> runs = new LinkedHashMap<>();
        for (Path file : results()) {
            if (DeviceRun.isOne(file)) {
                DeviceRun run = DeviceRun.read(file);
                Path before = newest.put(run.machine(), file);
                runs.put(file, run);
                if (before != null) {
                    runs.remove(before);
                }
            }
        }
        return runs;
    }

    String text() throws IOException {
        List<Run> cpu = new ArrayList<>();
        List<Run> cuda = new ArrayList<>();
        runs().forEach(run -> (run.device().equals("cuda") ? cuda : cpu).add(run));
        String gpus = devices(devices());
        return BEGINNING
                + section("On the CPU", cpu, "cpu")
                + (cuda.isEmpty() && !gpus.isEmpty() ? "\n## On a GPU\n" : section("On a GPU", cuda, "cuda"))
                + gpus;
    }

    private static String devices(Map<Path, DeviceRun> runs) {
        StringBuilder out = new StringBuilder();
        runs.forEach((file, run) -> out.append("\n### ")
                .append(run.machine())
                .append(", training and sampling steps\n\n")
                .append(new DeviceReport(run).brief())
                .append("\nTests, kernels and training: [the whole report](../bench/results/")
                .append(Tables.beside(file).getFileName())
                .append(").\n"));
        return out.toString();
    }

    private static String section(String title, List<Run> runs, String device) {
        StringBuilder out = new StringBuilder("\n## " + title + "\n\n");
        if (runs.isEmpty()) {
            String commands = device.equals("cuda")
                    ? "bench/device-run.sh --out DIR`, `bench/device-file.sh DIR"
                    : "bench/compare.sh`, `bench/scaling.sh";
            return out.append("Not measured yet: `" + commands + "`.\n").toString();
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
