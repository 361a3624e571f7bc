package ddpm.evaluate.measure;

/**
 * Eigenvalues of a symmetric matrix of some hundreds of rows, without the vectors, which {@link Symmetric} finds too, at ten times the
 * cost: Householder's reflections to a tridiagonal one, then the implicit QL method. Golub &amp; Van Loan, sections 8.3.1 and 8.3.5.
 */
final class Eigenvalues {
    private static final int MOST = 60; // turns for one value; two are usual

    private final double[] on; // the diagonal
    private final double[] off; // [i] between i and i+1; the last is 0
    private double least; // what double cannot tell from 0 beside the largest

    private Eigenvalues(int n) {
        on = new double[n];
        off = new double[n];
    }

    /** @param matrix symmetric, overwritten */
    static double[] of(double[][] matrix) {
        Eigenvalues e = new Eigenvalues(matrix.length);
        e.reflect(matrix);
        for (int i = 0; i < e.on.length; i++) {
            e.least = Math.max(e.least, 0x1p-52 * (Math.abs(e.on[i]) + Math.abs(e.off[i])));
        }
        for (int l = 0; l < e.on.length; l++) {
            e.find(l);
        }
        return e.on;
    }

    /** c becomes tridiagonal and keeps its eigenvalues. */
    private void reflect(double[][] c) {
        int d = c.length;
        for (int k = 0; k < d - 1; k++) {
            on[k] = c[k][k];
            double norm = 0;
            for (int i = k + 1; i < d; i++) {
                norm += c[i][k] * c[i][k];
            }
            norm = Math.sqrt(norm);
            if (norm == 0) {
                continue;
            }
            double[] v = new double[d];
            for (int i = k + 1; i < d; i++) {
                v[i] = c[i][k];
            }
            off[k] = v[k + 1] > 0 ? -norm : norm;
            double half = norm * (norm + Math.abs(v[k + 1])); // |v|^2 / 2
            v[k + 1] -= off[k];
            double[] p = new double[d];
            double vp = 0;
            for (int i = k + 1; i < d; i++) {
                double sum = 0;
                for (int j = k + 1; j < d; j++) {
                    sum += c[i][j] * v[j];
                }
                p[i] = sum / half;
                vp += p[i] * v[i] / (2 * half);
            }
            for (int i = k + 1; i < d; i++) {
                p[i] -= vp * v[i];
            }
            for (int i = k + 1; i < d; i++) {
                for (int j = k + 1; j < d; j++) {
                    c[i][j] -= v[i] * p[j] + p[i] * v[j];
                }
            }
        }
        on[d - 1] = c[d - 1][d - 1];
    }

    /** on[l] becomes an eigenvalue. */
    private void find(int l) {
        for (int turn = 0; ; turn++) {
            int m = l;
            while (m < on.length - 1 && Math.abs(off[m]) > least) {
                m++;
            }
            if (m == l) {
                return;
            }
            if (turn == MOST) {
                throw new IllegalStateException("eigenvalue " + l + " of " + on.length + ": not found");
            }
            turn(l, m);
        }
    }

    private void turn(int l, int m) {
        double g = (on[l + 1] - on[l]) / (2 * off[l]);
        double r = Math.hypot(g, 1);
        g = on[m] - on[l] + off[l] / (g + Math.copySign(r, g));
        double s = 1;
        double c = 1;
        double p = 0;
        for (int i = m - 1; i >= l; i--) {
            double f = s * off[i];
            double b = c * off[i];
            r = Math.hypot(f, g);
            off[i + 1] = r;
            if (r == 0) {
                on[i + 1] -= p;
                off[m] = 0;
                return;
            }
            s = f / r;
            c = g / r;
            g = on[i + 1] - p;
            r = (on[i] - g) * s + 2 * c * b;
            p = s * r;
            on[i + 1] = g + p;
            g = c * r - b;
        }
        on[l] -= p;
        off[l] = g;
        off[m] = 0;
    }
}
