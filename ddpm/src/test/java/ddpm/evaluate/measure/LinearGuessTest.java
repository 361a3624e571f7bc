package ddpm.evaluate.measure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearGuessTest {
    private static final double U = 0x1p-52;

    /** The rotations find the same values; also where many are 0, and of a matrix of one row. */
    @Test
    void eigenvaluesAreThoseOfRotations() {
        Random random = new Random(3);
        for (int n : new int[] {1, 2, 3, 8, 40}) {
            for (int rank : new int[] {n, Math.max(1, n / 3)}) {
                double[][] matrix = new double[n][n];
                for (int r = 0; r < rank; r++) {
                    double[] v = random.doubles(n, -1, 1).toArray();
                    for (int i = 0; i < n; i++) {
                        for (int j = 0; j < n; j++) {
                            matrix[i][j] += v[i] * v[j];
                        }
                    }
                }
                double[] want = Symmetric.of(matrix).values().clone();
                double scale = Arrays.stream(want).max().orElseThrow();
                double[] got = Eigenvalues.of(matrix);
                Arrays.sort(want);
                Arrays.sort(got);
                assertArrayEquals(want, got, 8 * n * U * scale, n + " rows of rank " + rank);
            }
        }
    }

    /** Two values that are often alike, at signal 0.96 and noise 0.28: W from the normal equations, its error on all images and any noise. */
    @Test
    void noMatrixGuessesBetter() {
        Random random = new Random(1);
        float[] values = new float[2 * 5000];
        for (int i = 0; i < values.length; i += 2) {
            double both = 40 * random.nextGaussian();
            values[i] = (float) (120 + both + 10 * random.nextGaussian());
            values[i + 1] = (float) (100 + both + 30 * random.nextGaussian());
        }
        LinearGuess guess = LinearGuess.of(Rows.of(2, values));
        double[][] c = Gaussian.of(Rows.of(2, values)).covariance();
        double unit = Math.pow(2 / 255.0, 2);
        double a = c[0][0] * unit;
        double b = c[1][1] * unit;
        double ab = c[0][1] * unit;
        double s = 0.96;
        double n2 = 0.28 * 0.28;
        // error = trace(C - s^2 C (s^2 C + noise^2)^-1 C) / 2
        double p = s * s * a + n2;
        double q = s * s * b + n2;
        double r = s * s * ab;
        double det = p * q - r * r;
        double first = (a * a * q - 2 * a * ab * r + ab * ab * p) / det;
        double second = (ab * ab * q - 2 * ab * b * r + b * b * p) / det;
        double want = (a + b - s * s * (first + second)) / 2;
        assertEquals(want, guess.fromAll(0.96, 0.28).orElseThrow(), 64 * U);
        double alone = (a * n2 / p + b * n2 / q) / 2;
        assertEquals(alone, guess.fromItself(0.96, 0.28), 64 * U);
        assertTrue(want < 0.9 * alone, "the other value tells something");
    }

    @Test
    void withoutSignalTheMeanIsAllThereIs() {
        LinearGuess guess = new LinearGuess(new double[] {0.2, 0.4}, Optional.of(new double[] {0.6, 0}));
        assertEquals(0.3, guess.fromItself(0, 1), U);
        assertEquals(0.3, guess.fromAll(0, 1).orElseThrow(), U);
        assertEquals(0, guess.fromItself(1, 0));
    }

    /** 10 images say nothing of the covariance of 4 values. */
    @Test
    void fewImagesHaveNoMatrix() {
        float[] values = new float[40];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 31 % 256;
        }
        LinearGuess few = LinearGuess.of(Rows.of(4, values));
        assertTrue(few.eigenvalues().isEmpty());
        assertTrue(few.fromAll(1, 1).isEmpty());
        LinearGuess enough = LinearGuess.of(Rows.of(2, values));
        assertTrue(enough.eigenvalues().isPresent());
        assertEquals(
                Arrays.stream(enough.variances()).sum(),
                Arrays.stream(enough.eigenvalues().orElseThrow()).sum(),
                64 * U);
    }
}
