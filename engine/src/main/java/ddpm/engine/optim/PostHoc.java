package ddpm.engine.optim;

import java.util.List;

/**
 * Averages of the parameters that were never kept, made from those that were. A power-function average is a function of
 * time; the combination of stored ones nearest to it in the sense of least squares has the coefficients X of
 *
 * <pre>
 * A X = B    A[i][j] = stored_i . stored_j    B[i][k] = stored_i . wanted_k
 * a . b = (ga + 1) (gb + 1) (ta / tb)^(ta &lt; tb ? gb : -ga) / ((ga + gb + 1) max(ta, tb))
 * </pre>
 *
 * with t the time and g the exponent of each. Every column is divided by its sum, so that equal parameters stay as they are.
 * Karras et al. 2024 (EDM2), section 3.2 and algorithm 3.
 */
public final class PostHoc {
    /** An average at a time of the training. @param seen images, or steps, in the unit of all others @param std relative width */
    public record Snapshot(double seen, double std) {
        /** The integral over time of the product of both profiles. */
        double dot(Snapshot other, double gamma, double otherGamma) {
            double exponent = seen < other.seen ? otherGamma : -gamma;
            return (gamma + 1)
                    * (otherGamma + 1)
                    * Math.pow(seen / other.seen, exponent)
                    / ((gamma + otherGamma + 1) * Math.max(seen, other.seen));
        }
    }

    private final List<Snapshot> stored;
    private final double[] gammas;

    /** @param stored the averages that there are, all different */
    public PostHoc(List<Snapshot> stored) {
        this.stored = List.copyOf(stored);
        this.gammas = gammas(stored);
    }

    private static double[] gammas(List<Snapshot> all) {
        return all.stream()
                .mapToDouble(s -> PowerAverage.ofStd(s.std()).gamma())
                .toArray();
    }

    /**
     * How much of each stored average makes up each wanted one, [stored][wanted]; every column sums to 1.
     *
     * @throws IllegalArgumentException where two stored averages are the same, or too nearly so
     */
    public double[][] coefficients(List<Snapshot> wanted) {
        double[][] x = solve(products(stored, gammas), products(wanted, gammas(wanted)));
        for (int k = 0; k < wanted.size(); k++) {
            double sum = 0;
            for (double[] row : x) {
                sum += row[k];
            }
            for (double[] row : x) {
                row[k] /= sum;
            }
        }
        return x;
    }

    private double[][] products(List<Snapshot> others, double[] otherGammas) {
        double[][] dots = new double[stored.size()][others.size()];
        for (int i = 0; i < dots.length; i++) {
            for (int k = 0; k < dots[i].length; k++) {
                dots[i][k] = stored.get(i).dot(others.get(k), gammas[i], otherGammas[k]);
            }
        }
        return dots;
    }

    /** Elimination with the largest pivot of each column; a and b are used up, the result is in b. */
    private double[][] solve(double[][] a, double[][] b) {
        int n = a.length;
        for (int c = 0; c < n; c++) {
            int pivot = c;
            for (int r = c + 1; r < n; r++) {
                pivot = Math.abs(a[r][c]) > Math.abs(a[pivot][c]) ? r : pivot;
            }
            if (a[pivot][c] == 0) {
                throw new IllegalArgumentException(
                        "post-hoc average: two of the stored averages are the same, of " + stored + "; leave one out");
            }
            swap(a, c, pivot);
            swap(b, c, pivot);
            for (int r = c + 1; r < n; r++) {
                double factor = a[r][c] / a[c][c];
                subtract(a[r], factor, a[c]);
                subtract(b[r], factor, b[c]);
            }
        }
        for (int c = n - 1; c >= 0; c--) {
            for (int k = 0; k < b[c].length; k++) {
                b[c][k] /= a[c][c];
            }
            for (int r = 0; r < c; r++) {
                subtract(b[r], a[r][c], b[c]);
            }
        }
        return b;
    }

    private static void swap(double[][] rows, int i, int j) {
        double[] kept = rows[i];
        rows[i] = rows[j];
        rows[j] = kept;
    }

    private static void subtract(double[] from, double factor, double[] row) {
        for (int i = 0; i < row.length; i++) {
            from[i] -= factor * row[i];
        }
    }
}
