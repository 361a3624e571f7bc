package ddpm.verify.report;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * How far each element of a result may be from the reference's, where elements differ much in size: the numbers of the
 * vectors' README.md, section "objectives".
 *
 * @param formula in words
 */
public record Allowance(String formula, Rule rule) {
    /** The most that each element may be off. */
    @FunctionalInterface
    interface Rule {
        double[] of(double[] want, long[] shape);
    }

    /** Of images [N,...]: what is divided by a small signal is large, and so is its rounding. */
    public static final Allowance IMAGES = ofLargest(2e-5, "the same image");

    /** Of unet2d's modules: of the largest of all values. */
    public static final Allowance ACTIVATION = new Allowance("2.0e-05 of the largest value", (want, shape) -> {
        double[] most = new double[want.length];
        Arrays.fill(most, 2e-5 * Arrays.stream(want).map(Math::abs).max().orElse(0));
        return most;
    });

    /** Weights and other tables of one extent, computed in double or rounded once. */
    public static final Allowance TABLE = relative(2e-6, 0);

    public static final Allowance BITS = relative(5e-5, 5e-5);

    /** Of single levels: the probability is a difference of two nearly equal ones. */
    public static final Allowance LOG_LIKELIHOOD = relative(0, 5e-4);

    /** What is computed in double; the reference's own rounding of numbers near 1 is the rest. */
    public static final Allowance DOUBLE = relative(1e-8, 1e-15);

    /** Distances of sets of points, of section "evaluation". */
    public static final Allowance DISTANCE = relative(1e-5, 0);

    public static final Allowance AVERAGE = relative(1e-9, 0);

    /** Averages by float32 updates: the README names 2e-6 for tables. */
    public static final Allowance AVERAGED = ofLargest(2e-6, "the same row");

    /** A system that is nearly singular; columns have entries down to 1e-17 beside others near 1. */
    public static final Allowance POST_HOC = ofLargest(1e-5, "the same column");

    /** Of rates that fall to 0. */
    public static Allowance ofRate(double base) {
        return relative(0, 1e-9 * base);
    }

    double[] of(double[] want, long[] shape) {
        return rule.of(want, shape);
    }

    private static Allowance relative(double relative, double absolute) {
        DoubleUnaryOperator most = want -> absolute + relative * Math.abs(want);
        String formula = relative == 0
                ? Check.scientific(absolute)
                : (absolute == 0 ? "" : Check.scientific(absolute) + " + ") + Check.scientific(relative)
                        + " of the value";
        return new Allowance(
                formula, (want, shape) -> Arrays.stream(want).map(most).toArray());
    }

    /** The same within each entry of the first extent. */
    private static Allowance ofLargest(double share, String what) {
        return new Allowance(Check.scientific(share) + " of the largest of " + what, (want, shape) -> {
            double[] most = new double[want.length];
            int size = shape.length == 0 || shape[0] == 0 ? want.length : Math.toIntExact(want.length / shape[0]);
            for (int from = 0; from < want.length; from += size) {
                double largest = Arrays.stream(want, from, from + size)
                        .map(Math::abs)
                        .max()
                        .orElse(0);
                Arrays.fill(most, from, from + size, share * largest);
            }
            return most;
        });
    }
}
