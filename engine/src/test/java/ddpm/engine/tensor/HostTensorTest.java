package ddpm.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class HostTensorTest {
    @Test
    void keepsEveryBitOfItsValues() {
        float[] floats = {0f, -0f, 1.5f, Float.MIN_VALUE, Float.NaN, Float.NEGATIVE_INFINITY};
        double[] doubles = {0.1, -1e300, Double.MIN_VALUE};
        long[] longs = {Long.MIN_VALUE, -1, Long.MAX_VALUE};
        assertArrayEquals(floats, HostTensor.f32(new long[] {2, 3}, floats).toFloats());
        assertArrayEquals(doubles, HostTensor.f64(new long[] {3}, doubles).toDoubles());
        assertArrayEquals(longs, HostTensor.i64(new long[] {3, 1}, longs).toLongs());
        assertArrayEquals(
                new double[] {0.1f, 2},
                HostTensor.f32(new long[] {2}, new float[] {0.1f, 2}).toDoubles());
        assertArrayEquals(
                new float[] {(float) 0.1},
                HostTensor.f64(new long[] {}, new double[] {0.1}).toFloats());
    }

    /** All 65,536 halves against the formula (-1)^s * 2^(e-15) * 1.f, or 2^-14 * 0.f. */
    @Test
    void halvesAreTheFormula() {
        ByteBuffer bits = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 1 << 16; i++) bits.putShort(2 * i, (short) i);
        HostTensor halves = new HostTensor(DType.F16, new long[] {1 << 16}, bits);
        float[] got = halves.toFloats();
        double[] wide = halves.toDoubles();
        for (int i = 0; i < 1 << 16; i++) {
            int exponent = i >> 10 & 31;
            double fraction = (i & 1023) / 1024.0;
            double size = exponent == 0 ? Math.scalb(fraction, -14) : Math.scalb(1 + fraction, exponent - 15);
            if (exponent == 31) size = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            double want = i >= 1 << 15 ? -size : size;
            assertEquals(want, wide[i], "half " + Integer.toHexString(i));
            assertEquals((float) want, got[i], "half " + Integer.toHexString(i));
        }
    }

    @Test
    void bfloat16IsTheUpperHalfOfASingle() {
        ByteBuffer bits = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
        bits.putShort(0, (short) 0x3f80).putShort(2, (short) 0xc049).putShort(4, (short) 0x7f80);
        HostTensor tensor = new HostTensor(DType.BF16, new long[] {3}, bits);
        assertArrayEquals(new float[] {1f, -3.140625f, Float.POSITIVE_INFINITY}, tensor.toFloats());
    }

    @Test
    void integersOfEveryWidth() {
        ByteBuffer bits = ByteBuffer.wrap(new byte[] {-1, -2, -1, -1, 0, 1, 0, 0});
        assertArrayEquals(new long[] {-1, -2, -1, -1, 0, 1, 0, 0}, of(DType.I8, 8, bits));
        assertArrayEquals(new long[] {255, 254, 255, 255, 0, 1, 0, 0}, of(DType.U8, 8, bits));
        assertArrayEquals(new long[] {-257, -1, 256, 0}, of(DType.I16, 4, bits));
        assertArrayEquals(new long[] {-257, 256}, of(DType.I32, 2, bits));
        assertArrayEquals(new long[] {1, 0}, of(DType.BOOL, 2, ByteBuffer.wrap(new byte[] {1, 0})));
    }

    private static long[] of(DType dtype, long count, ByteBuffer bits) {
        return new HostTensor(dtype, new long[] {count}, bits).toLongs();
    }

    @Test
    void callersCannotChangeIt() {
        long[] shape = {2};
        HostTensor tensor = HostTensor.f32(shape, new float[] {1, 2});
        shape[0] = 7;
        tensor.shape()[0] = 8;
        tensor.data().position(4);
        assertArrayEquals(new long[] {2}, tensor.shape());
        assertEquals(8, tensor.data().remaining());
        assertThrows(ReadOnlyBufferException.class, () -> tensor.data().putFloat(0, 3));
    }

    @Test
    void equalMeansTypeShapeAndBits() {
        HostTensor tensor = HostTensor.f32(new long[] {2}, new float[] {Float.NaN, 0f});
        HostTensor same = HostTensor.f32(new long[] {2}, new float[] {Float.NaN, 0f});
        assertEquals(tensor, same);
        assertEquals(tensor.hashCode(), same.hashCode());
        assertNotEquals(tensor, HostTensor.f32(new long[] {2}, new float[] {Float.NaN, -0f}));
        assertNotEquals(tensor, HostTensor.f32(new long[] {1, 2}, new float[] {Float.NaN, 0f}));
        assertNotEquals(tensor, new HostTensor(DType.I32, new long[] {2}, tensor.data()));
        assertEquals("F32[2]", tensor.toString());
    }

    @Test
    void refusesWhatDoesNotAgree() {
        assertMessage("F32[3] takes 12 bytes, given 8", () -> HostTensor.f32(new long[] {3}, new float[2]));
        assertMessage("F64[-1] has a negative extent", () -> HostTensor.f64(new long[] {-1}, new double[0]));
        assertMessage("does not fit 64 bits", () -> HostTensor.i64(new long[] {1L << 40, 1L << 40}, new long[1]));
        HostTensor floats = HostTensor.f32(new long[] {1}, new float[1]);
        HostTensor longs = HostTensor.i64(new long[] {1}, new long[1]);
        assertMessage("toLongs: the tensor is F32[1]; call toFloats", floats::toLongs);
        assertMessage("toFloats: the tensor is I64[1]; call toLongs", longs::toFloats);
        assertMessage("toDoubles: the tensor is I64[1]; call toLongs", longs::toDoubles);
    }

    private static void assertMessage(String part, org.junit.jupiter.api.function.Executable call) {
        RuntimeException e = assertThrows(RuntimeException.class, call);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
