package ddpm.verify.report;

import java.util.Arrays;

/**
 * How far a result is from the reference. Anything that is not a number on either side makes the difference NaN, which
 * no tolerance allows.
 *
 * @param maxAbs largest |got - want|
 * @param worst the element it is at, row-major
 * @param squares sum of (got - want)^2
 * @param wantSquares sum of want^2
 * @param count elements
 */
public record Difference(double maxAbs, int worst, double squares, double wantSquares, long count) {
    public static Difference of(double[] want, double[] got) {
        if (want.length != got.length) {
            throw new IllegalArgumentException(
                    "difference: " + got.length + " values computed, the reference has " + want.length);
        }
        double maxAbs = 0;
        int worst = 0;
        double squares = 0;
        double wantSquares = 0;
        for (int i = 0; i < want.length; i++) {
            double d = Math.abs(got[i] - want[i]);
            // every comparison with a NaN is false: it is taken as the largest and stays
            if (!Double.isNaN(maxAbs) && !(d <= maxAbs)) {
                maxAbs = d;
                worst = i;
            }
            squares += d * d;
            wantSquares += want[i] * want[i];
        }
        return new Difference(maxAbs, worst, squares, wantSquares, want.length);
    }

    /** Root mean square of the expected values; 0 where there are none. */
    double rms() {
        return count == 0 ? 0 : Math.sqrt(wantSquares / count);
    }

    /** |got - want| / |want| in the L2 norm; 0 where both are 0. */
    double relativeL2() {
        return squares == 0 ? 0 : Math.sqrt(squares / wantSquares);
    }

    /** The nearest float32 of each. */
    public static double[] rounded(double[] values) {
        return Arrays.stream(values).map(v -> (float) v).toArray();
    }

    public static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
