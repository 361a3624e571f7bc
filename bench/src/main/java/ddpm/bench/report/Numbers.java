package ddpm.bench.report;

import java.util.Arrays;
import java.util.Locale;

/** Numbers of a table. */
final class Numbers {
    private Numbers() {}

    /** NaN of no values. */
    static double median(double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** At least three digits that mean something. */
    static String digits(double value) {
        int behind = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : value >= 0.01 ? 4 : 5;
        return String.format(Locale.ROOT, "%,." + behind + "f", value);
    }
}
