package ddpm.engine.random;

/**
 * Standard normals by Box &amp; Muller 1958 on Philox words: four values from each block.
 *
 * <p>log, sin and cos are our own polynomials in plain float arithmetic, one rounding per operation and never fused, so
 * that the CUDA kernels give the same bits. Coefficients: Cephes mathematical library (Moshier), logf, sinf, cosf. The
 * largest value is sqrt(2 * 25 * ln 2) = 5.9.
 */
public final class Normals {
    private static final float TO_UNIT = 0x1p-24f;
    private static final float TWO_PI = 6.2831855f;

    private Normals() {}

    /**
     * Fills out[offset .. offset+count-1] with the values of one row.
     *
     * @param row 0 .. 2^32-1
     * @param step 0 .. 2^32-1
     */
    public static void fill(long seed, Stream stream, long row, long step, float[] out, int offset, int count) {
        int[] words = new int[4];
        float[] four = new float[4];
        for (int i = 0; i < count; i += 4) {
            Philox.block(seed, stream, row, step, i / 4, words);
            pair(words[0], words[1], four, 0);
            pair(words[2], words[3], four, 2);
            System.arraycopy(four, 0, out, offset + i, Math.min(4, count - i));
        }
    }

    /** Two normals from two words: radius from the first, angle from the second. */
    private static void pair(int a, int b, float[] out, int at) {
        float u = ((a >>> 8) + 0.5f) * TO_UNIT; // in (0,1]
        float turn = (b >>> 8) * TO_UNIT; // in [0,1), exact
        float radius = (float) Math.sqrt(-2f * log(u));
        int quadrant = (int) (turn * 4f + 0.5f); // nearest quarter turn
        float angle = (turn - quadrant * 0.25f) * TWO_PI; // in [-pi/4, pi/4]
        float sin = sin(angle);
        float cos = cos(angle);
        switch (quadrant & 3) {
            case 0 -> put(out, at, radius * cos, radius * sin);
            case 1 -> put(out, at, radius * -sin, radius * cos);
            case 2 -> put(out, at, radius * -cos, radius * -sin);
            default -> put(out, at, radius * sin, radius * -cos);
        }
    }

    private static void put(float[] out, int at, float first, float second) {
        out[at] = first;
        out[at + 1] = second;
    }

    /** Natural logarithm of a normal float in (0,1]. */
    static float log(float u) {
        int bits = Float.floatToRawIntBits(u);
        int e = (bits >>> 23) - 126;
        float m = Float.intBitsToFloat((bits & 0x007FFFFF) | 0x3F000000); // in [0.5,1)
        if (m < 0.70710677f) {
            e -= 1;
            m = m + m;
        }
        float x = m - 1f;
        float z = x * x;
        float y = 7.0376836292e-2f;
        y = y * x - 1.1514610310e-1f;
        y = y * x + 1.1676998740e-1f;
        y = y * x - 1.2420140846e-1f;
        y = y * x + 1.4249322787e-1f;
        y = y * x - 1.6668057665e-1f;
        y = y * x + 2.0000714765e-1f;
        y = y * x - 2.4999993993e-1f;
        y = y * x + 3.3333331174e-1f;
        y = y * x * z;
        y = y + e * -2.12194440e-4f;
        y = y - 0.5f * z;
        return x + y + e * 0.693359375f;
    }

    /** Sine for |a| at most pi/4. */
    static float sin(float a) {
        float z = a * a;
        float y = -1.9515295891e-4f;
        y = y * z + 8.3321608736e-3f;
        y = y * z - 1.6666654611e-1f;
        return y * z * a + a;
    }

    /** Cosine for |a| at most pi/4. */
    static float cos(float a) {
        float z = a * a;
        float y = 2.443315711809948e-5f;
        y = y * z - 1.388731625493765e-3f;
        y = y * z + 4.166664568298827e-2f;
        return y * z * z - 0.5f * z + 1f;
    }
}
