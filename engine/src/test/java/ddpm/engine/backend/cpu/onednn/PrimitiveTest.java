package ddpm.engine.backend.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import org.junit.jupiter.api.Test;

class PrimitiveTest {
    /** Primitives of one context share its scratch memory; a larger one moves it, and those made before go on. */
    @Test
    void scratchMemoryIsTheContexts() {
        try (DnnlContext context = new DnnlContext()) {
            assertEquals(0, context.scratchpadBytes());
            float[] first = transposedProduct(context, 96);
            long needed = context.scratchpadBytes();
            assertNotEquals(0, needed, "a product of a transposed matrix copies it");
            transposedProduct(context, 480);
            assertNotEquals(needed, context.scratchpadBytes());
            assertArrayEquals(first, transposedProduct(context, 96));
        }
    }

    /** a^T b with a[k,m] = k + 1 and b[k,n] = 1: each element is the sum of 1 .. K. */
    private static float[] transposedProduct(DnnlContext context, int size) {
        CpuBuffer a = CpuBuffer.require((long) size * size * Float.BYTES);
        CpuBuffer b = CpuBuffer.require((long) size * size * Float.BYTES);
        CpuBuffer y = CpuBuffer.require((long) size * size * Float.BYTES);
        for (int i = 0; i < size * size; i++) {
            a.floats().put(i, i / size + 1);
            b.floats().put(i, 1);
        }
        MatmulPrimitive.of(new Matmul(size, size, size, true, false), Precision.FP32)
                .in(context)
                .run(a.address(), b.address(), y.address());
        float[] values = new float[size * size];
        y.floats().get(0, values);
        for (float v : values) {
            assertEquals(size * (size + 1) / 2f, v);
        }
        a.release();
        b.release();
        y.release();
        return values;
    }
}
