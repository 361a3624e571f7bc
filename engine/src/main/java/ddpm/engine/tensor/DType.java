package ddpm.engine.tensor;

/** Element types, named as safetensors names them. Kernels compute in F32; the others are for storage and indices. */
public enum DType {
    /** IEEE double. */
    F64(8),
    /** IEEE single. */
    F32(4),
    /** IEEE half: 5 bits of exponent, 10 of fraction. */
    F16(2),
    /** The upper half of an IEEE single: 8 bits of exponent, 7 of fraction. */
    BF16(2),
    /** Signed, 64 bits. */
    I64(8),
    /** Signed, 32 bits. */
    I32(4),
    /** Signed, 16 bits. */
    I16(2),
    /** Signed, 8 bits. */
    I8(1),
    /** Unsigned, 8 bits. */
    U8(1),
    /** One byte: 0 is false, 1 is true. */
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** The size of one element, in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether the elements are floating-point numbers. */
    public boolean isFloat() {
        return this == F64 || this == F32 || this == F16 || this == BF16;
    }

    /**
     * The size of an array, in bytes.
     *
     * @param shape extents, each at least 0; [] is a scalar
     * @throws ArithmeticException when the product does not fit a long
     */
    public long bytesOf(long[] shape) {
        long count = 1;
        for (long extent : shape) count = Math.multiplyExact(count, extent);
        return Math.multiplyExact(count, bytes);
    }
}
