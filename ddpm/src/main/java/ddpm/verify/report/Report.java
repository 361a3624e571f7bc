package ddpm.verify.report;

import ddpm.UserError;
import ddpm.engine.tensor.TensorException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects the checks and prints each as a line of a table that fits 100 columns. */
public final class Report {
    private static final int WIDTH = 100;
    private static final String INDENT = "    ";
    private static final String ROW = "%-53s %9s %9s %11s %7s  %s";

    private final PrintWriter out;
    private final List<Check> checks = new ArrayList<>();

    public Report(PrintWriter out) {
        this.out = out;
    }

    public void header(String title) {
        out.println(title);
        out.println(row("case", "max abs", "rel L2", "tolerance", "used", "ok"));
        out.flush();
    }

    public void add(Check c) {
        checks.add(c);
        out.println(row(
                c.name(),
                number(c.maxAbs(), c),
                number(c.relativeL2(), c),
                c.tolerance(),
                used(c),
                c.ok() ? "ok" : "FAIL"));
        c.notes().forEach(this::note);
        out.flush();
    }

    /**
     * Runs {@code body}; what it cannot do with the vectors becomes a failed check.
     *
     * @return whether it ran to its end
     */
    public boolean attempt(String name, Runnable body) {
        try {
            body.run();
            return true;
        } catch (VectorException
                | TensorException
                | IllegalArgumentException
                | IllegalStateException
                | ArithmeticException
                | UserError e) {
            add(Check.failed(name, "not computed: " + e.getMessage()));
            return false;
        }
    }

    /** Prints the last line. */
    public void footer() {
        out.println(checks.size() + " checks, " + failures() + " failed");
        out.flush();
    }

    public List<Check> checks() {
        return List.copyOf(checks);
    }

    public long failures() {
        return checks.stream().filter(c -> !c.ok()).count();
    }

    /** Text below the row before it, broken at spaces. */
    public void note(String text) {
        StringBuilder line = new StringBuilder(INDENT);
        for (String word : text.split("\\s+")) {
            if (line.length() > INDENT.length() && line.length() + 1 + word.length() > WIDTH) {
                out.println(line);
                line.setLength(INDENT.length());
            }
            line.append(line.length() > INDENT.length() ? " " : "").append(word);
        }
        out.println(line);
    }

    private static String row(Object... cells) {
        return String.format(Locale.ROOT, ROW, cells).stripTrailing();
    }

    private static String number(double x, Check c) {
        // a check without numbers has no tolerance either; a NaN that was computed is shown
        boolean none =
                Double.isNaN(x) && (c.tolerance().isEmpty() || c.tolerance().equals("exact"));
        return none ? "-" : Check.scientific(x);
    }

    private static String used(Check c) {
        double x = c.used();
        if (Double.isNaN(x) || Double.isInfinite(x)) {
            return "-";
        }
        return x < 1000 ? String.format(Locale.ROOT, "%.3f", x) : String.format(Locale.ROOT, "%.0e", x);
    }
}
