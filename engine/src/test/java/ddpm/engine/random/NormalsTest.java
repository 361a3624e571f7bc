package ddpm.engine.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.testing.OpCheck;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NormalsTest {
    private static final double U = OpCheck.U;
    private static final Stream START = new Stream(5);
    private static final Stream REVERSE = new Stream(6);

    /** log, sin and cos in double, rounded, are within 2 U; the polynomials add their own error of as much. */
    @Test
    void logarithm() {
        for (int i = 1; i < 1 << 24; i += 37) {
            checkLog((i + 0.5f) * 0x1p-24f);
        }
        checkLog(0x1p-25f);
        checkLog(1f);
        checkLog(0.70710677f);
        checkLog(0.70710683f);
    }

    private static void checkLog(float u) {
        double want = Math.log(u);
        assertEquals(want, Normals.log(u), 3 * U * Math.abs(want), () -> "log " + u);
    }

    @Test
    void sineAndCosine() {
        Random random = new Random(OpCheck.SEED);
        for (int i = 0; i < 300_000; i++) {
            float a = (float) ((random.nextDouble() * 2 - 1) * Math.PI / 4);
            assertEquals(Math.sin(a), Normals.sin(a), 2 * U * Math.abs(Math.sin(a)), () -> "sin " + a);
            assertEquals(Math.cos(a), Normals.cos(a), 2 * U, () -> "cos " + a);
        }
        assertEquals(0f, Normals.sin(0f));
        assertEquals(1f, Normals.cos(0f));
    }

    /**
     * Each value is Box and Muller's of its words. The angle has an error of U times pi/4, the radius a few U, and a
     * value is at most the radius; 1 - u for u near 1 is exact in the words, so a small radius keeps its precision.
     */
    @Test
    void boxMuller() {
        int count = 100_001;
        float[] got = row(11, 3, count);
        int[] words = new int[4];
        for (int i = 0; i + 1 < count; i += 2) {
            Philox.block(11, START, 3, 0, i / 4, words);
            float sum = (words[i % 4] >>> 8) + 0.5f; // rounds: part of the definition
            double u = sum * 0x1p-24;
            double turn = (words[i % 4 + 1] >>> 8) * 0x1p-24;
            double radius = Math.sqrt(-2 * Math.log(u));
            assertEquals(radius * Math.cos(2 * Math.PI * turn), got[i], 6 * U * radius, "value " + i);
            assertEquals(radius * Math.sin(2 * Math.PI * turn), got[i + 1], 6 * U * radius, "value " + (i + 1));
        }
    }

    /** Moments of n normals: standard errors 1/sqrt(n), sqrt(2/n), sqrt(15/n), sqrt(96/n); five of them are allowed. */
    @Test
    void moments() {
        int n = 1_000_000;
        double[] sums = new double[5];
        for (float v : row(OpCheck.SEED, 0, n)) {
            double p = 1;
            for (int k = 1; k <= 4; k++) {
                p *= v;
                sums[k] += p;
            }
        }
        assertEquals(0, sums[1] / n, 5 * Math.sqrt(1.0 / n));
        assertEquals(1, sums[2] / n, 5 * Math.sqrt(2.0 / n));
        assertEquals(0, sums[3] / n, 5 * Math.sqrt(15.0 / n));
        assertEquals(3, sums[4] / n, 5 * Math.sqrt(96.0 / n));
    }

    /** Kolmogorov-Smirnov: sqrt(n) D exceeds 1.95 with probability 0.001. Along a row, and across rows and steps. */
    @Test
    void distribution() {
        assertTrue(kolmogorovSmirnov(row(OpCheck.SEED, 1, 200_000)) < 1.95);

        float[] firsts = new float[100_000];
        for (int i = 0; i < firsts.length; i++) {
            Normals.fill(OpCheck.SEED, REVERSE, i % 1000, i / 1000, firsts, i, 1);
        }
        assertTrue(kolmogorovSmirnov(firsts) < 1.95);
    }

    private static double kolmogorovSmirnov(float[] sample) {
        float[] sorted = sample.clone();
        Arrays.sort(sorted);
        double d = 0;
        for (int i = 0; i < sorted.length; i++) {
            double cdf = normalCdf(sorted[i]);
            d = Math.max(d, Math.max(cdf - (double) i / sorted.length, (i + 1.0) / sorted.length - cdf));
        }
        return d * Math.sqrt(sorted.length);
    }

    /** Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...), Abramowitz and Stegun 26.2.11; |x| below 7. */
    private static double normalCdf(double x) {
        double term = x;
        double sum = x;
        for (int k = 3; Math.abs(term) > 1e-17 && k < 400; k += 2) {
            term *= x * x / k;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    /** Neighbours in a row, and the same place in neighbouring rows and steps, are uncorrelated: error 1/sqrt(n). */
    @Test
    void correlations() {
        int n = 200_000;
        float[] a = row(OpCheck.SEED, 7, n);
        float[] b = row(OpCheck.SEED, 8, n);
        float[] c = new float[n];
        Normals.fill(OpCheck.SEED, START, 7, 1, c, 0, n);
        double rows = 0;
        double steps = 0;
        double neighbours = 0;
        double squares = 0; // the pair of one radius: its squares are independent too
        for (int i = 0; i + 1 < n; i++) {
            rows += a[i] * b[i];
            steps += a[i] * c[i];
            neighbours += a[i] * a[i + 1];
            squares += (a[i] * a[i] - 1) * (a[i + 1] * a[i + 1] - 1) / 2;
        }
        for (double sum : new double[] {rows, steps, neighbours, squares}) {
            assertEquals(0, sum / n, 5 / Math.sqrt(n));
        }
    }

    /** A prefix of a row does not depend on how much of it is asked for, nor on where it is written. */
    @Test
    void prefixes() {
        float[] whole = row(5, 9, 64);
        for (int count : new int[] {1, 2, 3, 4, 5, 7, 63}) {
            float[] out = new float[count + 3];
            Normals.fill(5, START, 9, 0, out, 2, count);
            assertArrayEquals(Arrays.copyOf(whole, count), Arrays.copyOfRange(out, 2, 2 + count));
            assertEquals(0f, out[0] + out[1] + out[count + 2], "written outside the range");
        }
    }

    private static float[] row(long seed, long row, int count) {
        float[] out = new float[count];
        Normals.fill(seed, START, row, 0, out, 0, count);
        return out;
    }
}
