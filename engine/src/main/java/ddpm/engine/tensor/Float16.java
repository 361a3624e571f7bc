package ddpm.engine.tensor;

/** IEEE 754 half precision to single; Java has it built in only from version 20 on. */
public final class Float16 {
    private static final int EXPONENT = 0x7c00;
    private static final int FRACTION = 0x03ff;
    private static final float SUBNORMAL_UNIT = 0x1p-24f;

    private Float16() {}

    /** The value of 16 bits, exactly: every half is also a single. NaN keeps its payload. */
    public static float toFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half & EXPONENT;
        int fraction = half & FRACTION;
        if (exponent == 0) return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * SUBNORMAL_UNIT));
        if (exponent == EXPONENT) return Float.intBitsToFloat(sign | 0x7f800000 | fraction << 13);
        // Both keep the fraction on top; the bias grows from 15 to 127.
        return Float.intBitsToFloat(sign | (exponent << 13) + (127 - 15 << 23) | fraction << 13);
    }
}
