package ddpm.diffusion;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How rows of a table that are drawn alike get unequal shares: a row that was drawn gives way to another, its alias, with a
 * probability of its own. Walker 1977, "An efficient method for generating discrete random variables with general
 * distributions"; made as by Vose 1991, in order of the rows.
 *
 * <pre>
 * shares .5 .3 .2     elsewhere 0 .1 .4     alias - 0 0      row 0 has (1 + .1 + .4) / 3
 * </pre>
 *
 * @param elsewhere of each row, multiples of 2^-24: a device compares them with 24 random bits
 * @param alias of each row
 */
public record AliasTable(double[] elsewhere, int[] alias) {
    private static final double GRAIN = 0x1p-24;

    /** @param shares above 0, their sum 1 */
    public static AliasTable of(double[] shares) {
        int n = shares.length;
        double[] left = new double[n]; // in units of an equal share
        double[] elsewhere = new double[n];
        int[] alias = new int[n];
        Deque<Integer> small = new ArrayDeque<>();
        Deque<Integer> large = new ArrayDeque<>();
        for (int row = 0; row < n; row++) {
            left[row] = shares[row] * n;
            alias[row] = row;
            (left[row] < 1 ? small : large).add(row);
        }
        while (!small.isEmpty() && !large.isEmpty()) {
            int row = small.remove();
            int from = large.element();
            elsewhere[row] = Math.rint((1 - left[row]) / GRAIN) * GRAIN;
            alias[row] = from;
            left[from] -= 1 - left[row];
            if (left[from] < 1) {
                small.add(large.remove());
            }
        }
        return new AliasTable(elsewhere, alias); // what is left over differs from an equal share by rounding
    }

    /** Equal share over the one that a row really has: the weight that leaves a mean over rows what it is. */
    public double[] corrections() {
        double[] times = new double[alias.length];
        for (int row = 0; row < times.length; row++) {
            times[row] += 1 - elsewhere[row];
            times[alias[row]] += elsewhere[row];
        }
        double[] corrections = new double[times.length];
        for (int row = 0; row < times.length; row++) {
            corrections[row] = 1 / times[row];
        }
        return corrections;
    }
}
