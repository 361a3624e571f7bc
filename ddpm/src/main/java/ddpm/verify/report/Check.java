package ddpm.verify.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One line of the table.
 *
 * @param name file and tensor
 * @param maxAbs largest absolute difference; NaN where there is none to show
 * @param relativeL2 of the difference; NaN where there is none to show
 * @param tolerance in words
 * @param used measured difference as a share of what is allowed: at most 1 is in order, NaN is not
 * @param notes what the reader has to know beside the numbers
 */
public record Check(String name, double maxAbs, double relativeL2, String tolerance, double used, List<String> notes) {
    /** A result against the reference's, by its largest difference. */
    public static Check of(String name, double[] want, double[] got, Tolerance tolerance) {
        Difference d = Difference.of(want, got);
        double most = tolerance.of(d.rms());
        double used = d.maxAbs() == 0 ? 0 : d.maxAbs() / most;
        List<String> notes = new ArrayList<>();
        if (!tolerance.note().isEmpty()) {
            notes.add(tolerance.note());
        }
        if (!(used <= 1)) {
            notes.add(element(d.worst(), want, got));
        }
        return new Check(name, d.maxAbs(), d.relativeL2(), scientific(most), used, List.copyOf(notes));
    }

    /** As {@link #of}, by the element that uses most of what it is allowed; that is the tolerance shown. */
    public static Check each(String name, double[] want, double[] got, long[] shape, Allowance allowance) {
        Difference d = Difference.of(want, got);
        double[] most = allowance.of(want, shape);
        double used = 0;
        int worst = 0;
        for (int i = 0; i < want.length; i++) {
            double off = Math.abs(got[i] - want[i]);
            double share = off == 0 ? 0 : off / most[i];
            // every comparison with a NaN is false: it is taken as the worst and stays
            if (!Double.isNaN(used) && !(share <= used)) {
                used = share;
                worst = i;
            }
        }
        List<String> notes =
                used <= 1 ? List.of() : List.of(element(worst, want, got), "tolerance: " + allowance.formula());
        String shown = want.length == 0 ? "" : scientific(most[worst]);
        return new Check(name, d.maxAbs(), d.relativeL2(), shown, used, notes);
    }

    /** Values that have to be equal to the last bit. */
    public static Check exact(String name, double[] want, double[] got) {
        Difference d = Difference.of(want, got);
        double used = d.maxAbs() == 0 ? 0 : Double.POSITIVE_INFINITY;
        List<String> notes = used <= 1 ? List.of() : List.of(element(d.worst(), want, got));
        return new Check(name, d.maxAbs(), d.relativeL2(), "exact", used, notes);
    }

    /** Many tensors together, by the relative L2 norm of their difference. */
    public static Check relative(String name, double maxAbs, double l2, double most) {
        return new Check(name, maxAbs, l2, "L2 " + scientific(most), l2 / most, List.of());
    }

    /** Names, shapes and other things without a distance. @param difference what is not equal; empty where all is */
    public static Check same(String name, String difference) {
        boolean ok = difference.isEmpty();
        return new Check(
                name, Double.NaN, Double.NaN, "exact", ok ? 0 : Double.NaN, ok ? List.of() : List.of(difference));
    }

    /** Something that could not be compared. @param sentence what is wrong and the remedy */
    public static Check failed(String name, String sentence) {
        return new Check(name, Double.NaN, Double.NaN, "", Double.NaN, List.of(sentence));
    }

    public Check with(String note) {
        List<String> all = new ArrayList<>(notes);
        all.add(note);
        return new Check(name, maxAbs, relativeL2, tolerance, used, List.copyOf(all));
    }

    public Check named(String other) {
        return new Check(other, maxAbs, relativeL2, tolerance, used, notes);
    }

    public boolean ok() {
        return used <= 1;
    }

    private static String element(int i, double[] want, double[] got) {
        return "element " + i + " is " + (float) got[i] + ", the reference has " + (float) want[i];
    }

    public static String scientific(double x) {
        return Double.isNaN(x) ? "NaN" : String.format(Locale.ROOT, "%.1e", x);
    }
}
