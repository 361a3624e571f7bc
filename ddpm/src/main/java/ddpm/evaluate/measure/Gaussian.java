package ddpm.evaluate.measure;

/**
 * Mean and covariance of points: the normal distribution that Fréchet's distance takes them for.
 *
 * @param covariance [dim][dim], divided by count - 1
 */
public record Gaussian(double[] mean, double[][] covariance) {
    /** @param rows two or more */
    public static Gaussian of(Rows rows) {
        if (rows.count() < 2) {
            throw new IllegalArgumentException("covariance: needs two points or more, got " + rows.count());
        }
        int dim = rows.dim();
        double[] mean = mean(rows);
        double[][] covariance = new double[dim][dim];
        float[] row = new float[dim];
        double[] off = new double[dim];
        for (int i = 0; i < rows.count(); i++) {
            rows.copy(i, row, 0);
            for (int k = 0; k < dim; k++) {
                off[k] = row[k] - mean[k];
            }
            for (int k = 0; k < dim; k++) {
                for (int l = 0; l <= k; l++) {
                    covariance[k][l] += off[k] * off[l];
                }
            }
        }
        for (int k = 0; k < dim; k++) {
            for (int l = 0; l <= k; l++) {
                covariance[k][l] /= rows.count() - 1;
                covariance[l][k] = covariance[k][l];
            }
        }
        return new Gaussian(mean, covariance);
    }

    static double[] mean(Rows rows) {
        double[] mean = new double[rows.dim()];
        float[] row = new float[rows.dim()];
        for (int i = 0; i < rows.count(); i++) {
            rows.copy(i, row, 0);
            for (int k = 0; k < row.length; k++) {
                mean[k] += row[k];
            }
        }
        for (int k = 0; k < mean.length; k++) {
            mean[k] /= rows.count();
        }
        return mean;
    }

    /** tr(C). */
    public double trace() {
        double trace = 0;
        for (int k = 0; k < mean.length; k++) {
            trace += covariance[k][k];
        }
        return trace;
    }

    /** |m1 - m2|^2. */
    public double meanTerm(Gaussian other) {
        double sum = 0;
        for (int k = 0; k < mean.length; k++) {
            sum += Math.pow(mean[k] - other.mean[k], 2);
        }
        return sum;
    }

    /**
     * |m1 - m2|^2 + tr(C1) + tr(C2) - 2 tr(sqrt(C1 C2)), the last by the roots of the eigenvalues of sqrt(C1) C2 sqrt(C1).
     * Dowson &amp; Landau 1982; as a measure of images Heusel et al. 2017, equation 6.
     */
    public double distance(Gaussian other) {
        double[][] root = Symmetric.of(covariance).root();
        double[][] between = product(product(root, other.covariance), root);
        double roots = 0;
        for (double value : Symmetric.of(symmetric(between)).values()) {
            roots += Math.sqrt(Math.max(0, value));
        }
        return meanTerm(other) + trace() + other.trace() - 2 * roots;
    }

    /** Without what rounding makes of it. */
    private static double[][] symmetric(double[][] m) {
        double[][] s = new double[m.length][m.length];
        for (int i = 0; i < m.length; i++) {
            for (int j = 0; j < m.length; j++) {
                s[i][j] = (m[i][j] + m[j][i]) / 2;
            }
        }
        return s;
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] c = new double[a.length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < a.length; k++) {
                for (int j = 0; j < a.length; j++) {
                    c[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return c;
    }
}
