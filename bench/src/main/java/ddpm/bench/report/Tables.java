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
        for (Run run : Run.read(Path.of(args[0]))) {
            System.out.println("## " + title(run) + "\n\n" + markdown(run));
        }
    }

    static String title(Run run) {
        return switch (run.kind()) {
            case "compare" -> "Beside PyTorch, " + run.steps().get(0).workload() + ", "
                    + run.steps().get(0).device();
            case "scaling" -> "Growth with batch, resolution and channels, "
                    + run.steps().get(0).device();
            default -> throw new IllegalArgumentException("no kind of run " + run.kind());
        };
    }

    static String markdown(Run run) {
        return run.kind().equals("compare") ? new Comparison(run).markdown() : new Scaling(run).markdown();
    }
}
