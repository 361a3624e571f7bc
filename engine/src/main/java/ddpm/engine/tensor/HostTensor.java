package ddpm.engine.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * An array in host memory: what a file holds before a device gets it, and after.
 *
 * <p>The buffer is viewed, not copied, and can be read only: whoever hands one over does not write to it any more. Two
 * tensors are equal when type, shape and bits are (so NaN equals the same NaN, and 0 is not -0).
 *
 * @param dtype type of the elements
 * @param shape extents, slowest first; [] is a scalar
 * @param data little-endian, row-major, from position to limit; at most 2 GiB
 */
public record HostTensor(DType dtype, long[] shape, ByteBuffer data) {
    /** @throws IllegalArgumentException for a negative extent, or when shape and data differ in size */
    public HostTensor {
        shape = shape.clone();
        data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        requireBytes(dtype, shape, data.remaining());
    }

    /** A copy of {@code values} as F32. */
    public static HostTensor f32(long[] shape, float[] values) {
        ByteBuffer data = littleEndian(DType.F32, shape, values.length);
        data.asFloatBuffer().put(values);
        return new HostTensor(DType.F32, shape, data);
    }

    /** A copy of {@code values} as F64. */
    public static HostTensor f64(long[] shape, double[] values) {
        ByteBuffer data = littleEndian(DType.F64, shape, values.length);
        data.asDoubleBuffer().put(values);
        return new HostTensor(DType.F64, shape, data);
    }

    /** A copy of {@code values} as I64. */
    public static HostTensor i64(long[] shape, long[] values) {
        ByteBuffer data = littleEndian(DType.I64, shape, values.length);
        data.asLongBuffer().put(values);
        return new HostTensor(DType.I64, shape, data);
    }

    /** The same in memory of its own. */
    public HostTensor copy() {
        ByteBuffer own = ByteBuffer.allocate(data.capacity());
        own.put(data()).flip();
        return new HostTensor(dtype, shape, own);
    }

    /** A copy of the extents. */
    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** A read-only little-endian view with a position of its own. */
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The number of elements. */
    public long count() {
        return data.capacity() / dtype.bytes();
    }

    /**
     * The elements as single precision: F32, F16 and BF16 exactly, F64 rounded to nearest.
     *
     * @throws IllegalStateException for an integer type
     */
    public float[] toFloats() {
        float[] to = new float[(int) count()];
        switch (dtype) {
            case F32 -> data().asFloatBuffer().get(to);
            case F64 -> fill(to, i -> (float) data.getDouble(8 * i));
            case F16 -> fill(to, i -> Float16.toFloat(data.getShort(2 * i)));
            case BF16 -> fill(to, i -> Float.intBitsToFloat(data.getShort(2 * i) << 16));
            default -> throw cannot("toFloats", "toLongs");
        }
        return to;
    }

    /**
     * The elements as double precision, exactly.
     *
     * @throws IllegalStateException for an integer type
     */
    public double[] toDoubles() {
        double[] to = new double[(int) count()];
        if (!dtype.isFloat()) throw cannot("toDoubles", "toLongs");
        if (dtype == DType.F64) {
            data().asDoubleBuffer().get(to);
        } else {
            float[] from = toFloats();
            Arrays.setAll(to, i -> from[i]);
        }
        return to;
    }

    /**
     * The elements as integers; BOOL gives its byte, 0 or 1.
     *
     * @throws IllegalStateException for a floating-point type
     */
    public long[] toLongs() {
        long[] to = new long[(int) count()];
        switch (dtype) {
            case I64 -> data().asLongBuffer().get(to);
            case I32 -> Arrays.setAll(to, i -> data.getInt(4 * i));
            case I16 -> Arrays.setAll(to, i -> data.getShort(2 * i));
            case I8 -> Arrays.setAll(to, i -> data.get(i));
            case U8, BOOL -> Arrays.setAll(to, i -> data.get(i) & 0xff);
            default -> throw cannot("toLongs", "toFloats or toDoubles");
        }
        return to;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostTensor that
                && dtype == that.dtype
                && Arrays.equals(shape, that.shape)
                && data.equals(that.data);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * dtype.hashCode() + Arrays.hashCode(shape)) + data.hashCode();
    }

    /** Type and shape, not the values: {@code F32[2, 3]}. */
    @Override
    public String toString() {
        return dtype + Arrays.toString(shape);
    }

    private interface FloatAt {
        float at(int index);
    }

    private static void fill(float[] to, FloatAt from) {
        for (int i = 0; i < to.length; i++) to[i] = from.at(i);
    }

    private static ByteBuffer littleEndian(DType dtype, long[] shape, int count) {
        requireBytes(dtype, shape, (long) count * dtype.bytes());
        return ByteBuffer.allocate(Math.multiplyExact(count, dtype.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void requireBytes(DType dtype, long[] shape, long bytes) {
        String what = "HostTensor: " + dtype + Arrays.toString(shape);
        for (long extent : shape) {
            if (extent < 0) throw new IllegalArgumentException(what + " has a negative extent; extents are 0 or more");
        }
        long needed;
        try {
            needed = dtype.bytesOf(shape);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(what + " does not fit 64 bits; check the shape", e);
        }
        if (needed != bytes) {
            throw new IllegalArgumentException(
                    what + " takes " + needed + " bytes, given " + bytes + "; shape and values must agree");
        }
    }

    private IllegalStateException cannot(String asked, String remedy) {
        return new IllegalStateException(asked + ": the tensor is " + this + "; call " + remedy);
    }
}
