package ddpm.evaluate;

import ddpm.evaluate.likelihood.Findings;
import java.io.PrintWriter;
import java.util.Locale;

/** The numbers on the screen. */
final class EvaluationTable {
    private static final String ROW = "  %-18s %18s %14s   %s%n";

    private EvaluationTable() {}

    static void print(Evaluation e, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%n%,d samples of %s, beside as many real images %s%nfeatures: %s%n%n",
                e.samples().count(),
                e.source(),
                e.held(),
                e.features());
        out.printf(Locale.ROOT, ROW, "", "samples", "real images", "");
        for (Quantity q : Quantity.values()) {
            out.printf(
                    Locale.ROOT,
                    ROW,
                    q.title(),
                    q.text(q.of(e.model().whole())) + " +- " + q.text(e.model().error(q)),
                    q.text(q.of(e.floor().whole())),
                    e.grade(q).words());
        }
        row(out, "copies", share(e.near().copies()), share(e.realNear().copies()));
        row(
                out,
                "nearest training",
                String.format(Locale.ROOT, "%.1f", e.near().medianDistance()),
                String.format(Locale.ROOT, "%.1f", e.realNear().medianDistance()));
        for (Tints t : e.tints()) {
            out.printf(
                    Locale.ROOT,
                    ROW,
                    t.name(),
                    String.format(Locale.ROOT, "%.1f", t.samples()),
                    String.format(Locale.ROOT, "%.1f", t.real()),
                    share(t.outside()) + " outside of 98 % of the data, " + share(t.realOutside()) + " of real images");
        }
        if (e.shown() != null) {
            shown(e.shown(), out);
        }
        if (e.likelihood() != null) {
            row(out, "bits per dimension", new Findings(e.likelihood()).bitsText(), "");
        }
        Verdict verdict = Verdict.of(e);
        out.println();
        out.println(verdict.headline());
        verdict.findings().forEach(out::println);
        if (e.likelihood() != null) {
            Findings findings = new Findings(e.likelihood());
            findings.sentences().forEach(out::println);
            findings.how().forEach(out::println);
        }
        verdict.warnings().forEach(warning -> out.println("warning: " + warning));
        e.notes().forEach(out::println);
        out.println();
        out.flush();
    }

    private static void shown(Shown s, PrintWriter out) {
        row(out, "class recognised", s.conditional() ? share(s.shareAsAsked()) : "", share(s.accuracy()));
        row(out, "sure of the class", share(s.sure()), share(s.realSure()));
        row(
                out,
                "entropy, bits",
                String.format(Locale.ROOT, "%.2f", Shown.entropy(s.counts())),
                String.format(Locale.ROOT, "%.2f", Shown.entropy(s.realCounts())));
    }

    private static void row(PrintWriter out, String title, String samples, String real) {
        out.printf(Locale.ROOT, ROW, title, samples, real, "");
    }

    private static String share(double share) {
        return Verdict.hundred(share) + " %";
    }
}
