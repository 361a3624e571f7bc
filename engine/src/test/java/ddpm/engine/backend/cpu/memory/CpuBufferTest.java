package ddpm.engine.backend.cpu.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class CpuBufferTest {
    /** Whoever writes behind the block gets an exception, not somebody else's memory. */
    @Test
    void viewsEndWhereTheBlockEnds() {
        CpuBuffer b = CpuBuffer.require(40);
        try {
            assertEquals(40, b.view().capacity());
            assertEquals(10, b.floats().capacity());
            assertEquals(10, b.ints().capacity());
            b.floats().put(9, 1f);
            assertThrows(IndexOutOfBoundsException.class, () -> b.floats().put(10, 1f));
            assertThrows(IndexOutOfBoundsException.class, () -> b.floats().put(5, new float[6]));
        } finally {
            b.release();
        }
    }
}
