package ddpm.evaluate.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GaussianTest {
    private static final double U = 0x1p-52;

    /** In one dimension it is (m1 - m2)^2 + (s1 - s2)^2; the points m - a and m + a have s = sqrt(2) a. */
    @Test
    void oneDimension() {
        Gaussian first = Gaussian.of(Rows.of(1, new float[] {-3, 3}));
        Gaussian second = Gaussian.of(Rows.of(1, new float[] {4, 6}));
        double want = 25 + 2 * (3 - 1) * (3 - 1);
        assertEquals(want, first.distance(second), 16 * U * want);
        assertEquals(18, first.trace(), 18 * U);
    }

    /** Of two matrices that do not commute; the root of a 2 x 2 matrix M has the trace sqrt(tr M + 2 sqrt(det M)). */
    @Test
    void twoDimensionsThatDoNotCommute() {
        Gaussian first = new Gaussian(new double[] {0, 0}, new double[][] {{4, 1}, {1, 2}});
        Gaussian second = new Gaussian(new double[] {1, 0}, new double[][] {{1, -0.5}, {-0.5, 3}});
        double trace = 4 * 1 + 2 * (1 * -0.5) + 2 * 3; // tr(C1 C2) is the sum of the products of their entries
        double det = (4 * 2 - 1) * (1 * 3 - 0.25);
        double want = 1 + 6 + 4 - 2 * Math.sqrt(trace + 2 * Math.sqrt(det));
        assertEquals(want, first.distance(second), 64 * U * 11);
        assertEquals(want, second.distance(first), 64 * U * 11);
    }

    /** N(0, 1) against N(2, 9) in five dimensions: 5 (4 + 4) up to what 20,000 points leave open, about 5 / sqrt(20,000) each. */
    @Test
    void drawnFromTwoNormalDistributions() {
        Gaussian first = Gaussian.of(Points.normal(1, 20_000, 5, 0, 1));
        Gaussian second = Gaussian.of(Points.normal(2, 20_000, 5, 2, 3));
        assertEquals(40, first.distance(second), 4 * 5 * 5 / Math.sqrt(20_000) * 2);
    }

    /** Fewer points than dimensions leave eigenvalues at 0, where rounding must not give a NaN. */
    @Test
    void aSetAgainstItselfIsZero() {
        for (int count : new int[] {7, 500}) {
            Gaussian g = Gaussian.of(Points.normal(3, count, 16, 5, 2));
            assertEquals(0, g.distance(g), 16 * Math.sqrt(U) * g.trace());
        }
        assertThrows(IllegalArgumentException.class, () -> Gaussian.of(Points.normal(3, 1, 16, 5, 2)));
    }

    /** V diag V^T is the matrix, V V^T the identity, root times root the matrix. */
    @Test
    void eigenvaluesAndRoots() {
        int n = 40;
        Random random = new Random(7);
        double[][] half = new double[n][n];
        for (double[] row : half) {
            for (int j = 0; j < n; j++) {
                row[j] = random.nextGaussian();
            }
        }
        double[][] matrix = times(half, half, true);
        Symmetric s = Symmetric.of(matrix);
        double[][] scaled = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                scaled[i][j] = s.vectors()[i][j] * s.values()[j];
            }
        }
        double most = 8 * n * U * Symmetric.of(matrix).values().length * 4;
        equal(matrix, times(scaled, s.vectors(), true), most * n);
        equal(matrix, times(s.root(), s.root(), true), most * n);
        double[][] identity = new double[n][n];
        for (int i = 0; i < n; i++) {
            identity[i][i] = 1;
        }
        equal(identity, times(s.vectors(), s.vectors(), true), most);
    }

    private static void equal(double[][] want, double[][] got, double most) {
        for (int i = 0; i < want.length; i++) {
            for (int j = 0; j < want.length; j++) {
                assertEquals(want[i][j], got[i][j], most, i + ", " + j);
            }
        }
    }

    private static double[][] times(double[][] a, double[][] b, boolean transposed) {
        int n = a.length;
        double[][] c = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = 0; k < n; k++) {
                    c[i][j] += a[i][k] * (transposed ? b[j][k] : b[k][j]);
                }
            }
        }
        return c;
    }
}
