package ddpm.bench.report;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Prints the tables of a file of measurements as Markdown.
 *
 * <pre>
 * java -cp bench.jar ddpm.bench.report.Tables bench/results/FILE.jsonl
 * </pre>
 */
public final class Tables {
    private Tables() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: Tables FILE.jsonl");
            System.exit(2);
        }
        System.out.print(markdown(Path.of(args[0])));
    }

    /** The file of tables that belongs to one of measurements. */
    static Path beside(Path measurements) {
        return measurements.resolveSibling(measurements.getFileName().toString().replaceFirst("jsonl$", "md"));
    }

    static String markdown(Path file) throws IOException {
        if (DeviceRun.isOne(file)) {
            return new DeviceReport(DeviceRun.read(file)).markdown();
        }
        StringBuilder out = new StringBuilder();
        for (Run run : Run.read(file)) {
            out.append("## ").append(title(run)).append("\n\n");
            out.append(run.kind().equals("compare") ? new Comparison(run).markdown() : new Scaling(run).markdown());
            out.append('\n');
        }
        return out.toString();
    }

    static String title(Run run) {
        return switch (run.kind()) {
            case "compare" -> "Beside PyTorch, " + run.steps().get(0).workload() + ", " + run.device();
            case "scaling" -> "Growth with batch, resolution and channels, " + run.device();
            default -> throw new IllegalArgumentException("no kind of run " + run.kind());
        };
    }
}
