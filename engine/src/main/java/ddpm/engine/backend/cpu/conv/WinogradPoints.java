package ddpm.engine.backend.cpu.conv;

/**
 * The transforms of Winograd's F(4,3) in one dimension, four results of a filter of three, on vectors of length n: each
 * argument is an array of vectors. The results are those of Toom and Cook's interpolation at the points 0, +-a, +-b and
 * infinity: B^T, A^T and G in Lavin and Gray (arXiv 1509.09308), who take a = 1, b = 2. With these points rounding
 * errors are half as large (docs/decisions/0014).
 */
final class WinogradPoints {
    /** Values that go into a tile, and products of it. */
    static final int SIDE = 6;

    /** Results of a tile. */
    static final int STEP = 4;

    static final int TAPS = 3;

    private static final double A = 11 / 16.0;
    private static final double B = 11 / 8.0;

    private static final float A1 = (float) A;
    private static final float A2 = (float) (A * A);
    private static final float A3 = (float) (A * A * A);
    private static final float B1 = (float) B;
    private static final float B2 = (float) (B * B);
    private static final float B3 = (float) (B * B * B);
    private static final float PRODUCT = (float) (A * A * B * B);
    private static final float SUM = (float) (A * A + B * B);

    /** Each point's weights are divided by the product of its distances from the others. */
    private static final float BY_ZERO = (float) (1 / (A * A * B * B));

    private static final float BY_A = (float) (1 / (2 * A * A * (A * A - B * B)));
    private static final float BY_B = (float) (1 / (2 * B * B * (B * B - A * A)));

    private WinogradPoints() {}

    /** t = B^T d. @param d in, six @param t out, six */
    static void input(float[][] d, float[][] t, int n) {
        outer(d[0], d[2], d[4], t[0], n);
        pair(d[1], d[2], d[3], d[4], A1, B2, t[1], t[2], n);
        pair(d[1], d[2], d[3], d[4], B1, A2, t[3], t[4], n);
        outer(d[1], d[3], d[5], t[5], n);
    }

    private static void outer(float[] first, float[] second, float[] third, float[] t, int n) {
        for (int i = 0; i < n; i++) {
            t[i] = PRODUCT * first[i] - SUM * second[i] + third[i];
        }
    }

    private static void pair(
            float[] d1, float[] d2, float[] d3, float[] d4, float p, float q2, float[] plus, float[] minus, int n) {
        for (int i = 0; i < n; i++) {
            float even = d4[i] - q2 * d2[i];
            float odd = p * (d3[i] - q2 * d1[i]);
            plus[i] = even + odd;
            minus[i] = even - odd;
        }
    }

    /** y = A^T m. @param m in, six, overwritten @param y out, four */
    static void output(float[][] m, float[][] y, int n) {
        sumAndDifference(m[1], m[2], n);
        sumAndDifference(m[3], m[4], n);
        sum(m[0], m[1], m[3], y[0], n);
        weighted(A1, m[2], B1, m[4], y[1], n);
        weighted(A2, m[1], B2, m[3], y[2], n);
        weighted(A3, m[2], B3, m[4], y[3], n);
        add(m[5], y[3], n);
    }

    private static void sumAndDifference(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            float sum = a[i] + b[i];
            float difference = a[i] - b[i];
            a[i] = sum;
            b[i] = difference;
        }
    }

    private static void sum(float[] a, float[] b, float[] c, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = a[i] + b[i] + c[i];
        }
    }

    private static void weighted(float p, float[] a, float q, float[] b, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] = p * a[i] + q * b[i];
        }
    }

    /** y += x. */
    static void add(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] += x[i];
        }
    }

    /** t = A dy. @param dy in, four @param t out, six */
    static void gradient(float[][] dy, float[][] t, int n) {
        System.arraycopy(dy[0], 0, t[0], 0, n);
        powers(dy[0], dy[1], dy[2], dy[3], A1, A2, A3, t[1], t[2], n);
        powers(dy[0], dy[1], dy[2], dy[3], B1, B2, B3, t[3], t[4], n);
        System.arraycopy(dy[3], 0, t[5], 0, n);
    }

    private static void powers(
            float[] y0,
            float[] y1,
            float[] y2,
            float[] y3,
            float p,
            float p2,
            float p3,
            float[] plus,
            float[] minus,
            int n) {
        for (int i = 0; i < n; i++) {
            float even = y0[i] + p2 * y2[i];
            float odd = p * y1[i] + p3 * y3[i];
            plus[i] = even + odd;
            minus[i] = even - odd;
        }
    }

    /** u = G g. @param g in, three @param u out, six */
    static void weights(float[][] g, float[][] u, int n) {
        times(g[0], BY_ZERO, u[0], n);
        filtered(g[0], g[1], g[2], A1, BY_A, u[1], u[2], n);
        filtered(g[0], g[1], g[2], B1, BY_B, u[3], u[4], n);
        System.arraycopy(g[2], 0, u[5], 0, n);
    }

    private static void times(float[] g, float factor, float[] u, int n) {
        for (int i = 0; i < n; i++) {
            u[i] = factor * g[i];
        }
    }

    private static void filtered(
            float[] g0, float[] g1, float[] g2, float p, float by, float[] plus, float[] minus, int n) {
        float p2 = p * p;
        for (int i = 0; i < n; i++) {
            float even = by * (g0[i] + p2 * g2[i]);
            float odd = by * (p * g1[i]);
            plus[i] = even + odd;
            minus[i] = even - odd;
        }
    }

    /** dg = G^T du. @param du in, six, overwritten @param dg out, three */
    static void weightsGradient(float[][] du, float[][] dg, int n) {
        sumAndDifference(du[1], du[2], n);
        sumAndDifference(du[3], du[4], n);
        weighted(BY_A, du[1], BY_B, du[3], dg[0], n);
        addTimes(BY_ZERO, du[0], dg[0], n);
        weighted(A1 * BY_A, du[2], B1 * BY_B, du[4], dg[1], n);
        weighted(A2 * BY_A, du[1], B2 * BY_B, du[3], dg[2], n);
        add(du[5], dg[2], n);
    }

    private static void addTimes(float p, float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            y[i] += p * x[i];
        }
    }
}
