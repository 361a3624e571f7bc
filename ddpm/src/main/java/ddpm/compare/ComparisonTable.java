package ddpm.compare;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** The comparison on the screen. */
final class ComparisonTable {
    private static final int NAME = 26;
    private static final int COLUMN = 22;

    private final PrintWriter out;

    private ComparisonTable(PrintWriter out) {
        this.out = out;
    }

    static void print(Comparison c, PrintWriter out) {
        new ComparisonTable(out).print(c);
    }

    private void print(Comparison c) {
        out.println();
        row("", c.names());
        c.progress().forEach(row -> row(row.name(), row.values()));
        out.println();
        if (c.settings().rows().isEmpty()) {
            out.println("  all settings are the same");
        }
        c.settings().rows().forEach(row -> row(row.name(), row.values()));
        if (!c.measures().rows().isEmpty()) {
            out.println();
            c.measures().numbers().forEach(row -> row(row.name(), row.values()));
        }
        out.println();
        c.remarks().forEach(out::println);
        c.measures().remarks().forEach(out::println);
        out.flush();
    }

    private void row(String name, List<String> values) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "  %-" + NAME + "s", name));
        for (String value : values) {
            line.append(String.format(Locale.ROOT, " %" + COLUMN + "s", shortened(value)));
        }
        out.println(line);
    }

    /** The end of a path says more than its start, and the page has all of it. */
    private static String shortened(String value) {
        return value.length() <= COLUMN ? value : "..." + value.substring(value.length() - COLUMN + 3);
    }
}
