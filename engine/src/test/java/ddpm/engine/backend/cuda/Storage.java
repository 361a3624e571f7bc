package ddpm.engine.backend.cuda;

/** What kernels keep their values as; all compute in float32. */
public enum Storage {
    F32(Float.BYTES, 0x1p-24, "_f32"),
    BF16(Short.BYTES, 0x1p-8, "_bf16");

    final int bytes;

    /** Unit roundoff of a stored value. */
    final double roundoff;

    /** Of the names of its kernels. */
    final String suffix;

    Storage(int bytes, double roundoff, String suffix) {
        this.bytes = bytes;
        this.roundoff = roundoff;
        this.suffix = suffix;
    }

    /** The values as memory holds them. */
    float[] stored(float[] values) {
        return this == F32 ? values.clone() : LibraryFixture.toBf16(values);
    }

    /** Bits of one value, in the lowest bytes. */
    int bits(float value) {
        int all = Float.floatToRawIntBits(value);
        return this == F32 ? all : all >>> 16;
    }

    float value(int bits) {
        return Float.intBitsToFloat(this == F32 ? bits : bits << 16);
    }
}
