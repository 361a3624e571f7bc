package ddpm.engine.random;

/**
 * exp in plain float arithmetic, one rounding per operation and never fused, so that the CUDA kernels give the same bits.
 * Coefficients: Cephes mathematical library (Moshier), expf. Within 2 units in the last place.
 */
public final class Exp {
    private static final float LOG2_E = 1.44269504f;
    private static final float MOST = 89; // its exp is infinite
    private static final float LEAST = -104; // its exp is 0

    private Exp() {}

    /** e^x = 2^n e^r with n the integer nearest to x / log 2. A NaN stays one. */
    public static float exp(float x) {
        x = x > MOST ? MOST : x < LEAST ? LEAST : x;
        float turns = x * LOG2_E;
        int n = (int) (turns < 0 ? turns - 0.5f : turns + 0.5f);
        float r = x - n * 0.693359375f; // exact: log 2 to 9 bits, and what it lacks
        r = r - n * -2.12194440e-4f;
        float y = 1.9875691500e-4f;
        y = y * r + 1.3981999507e-3f;
        y = y * r + 8.3334519073e-3f;
        y = y * r + 4.1665795894e-2f;
        y = y * r + 1.6666665459e-1f;
        y = y * r + 5.0000001201e-1f;
        y = y * (r * r) + r;
        y = y + 1f;
        int half = n >> 1; // 2^n itself leaves the range of normal floats
        return y * power(half) * power(n - half);
    }

    /** 2^n for n in -126 .. 127. */
    private static float power(int n) {
        return Float.intBitsToFloat((n + 127) << 23);
    }
}
