package ddpm.engine.backend.cpu.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CpuMemoryTest {
    private static final long KIB = 1 << 10;

    private final CpuMemory memory = new CpuMemory();

    @AfterEach
    void trim() {
        memory.trim();
    }

    /** Makes blocks of these sizes and frees them. */
    private void free(long... sizes) {
        LongStream.of(sizes).mapToObj(memory::allocate).toList().forEach(memory::free);
    }

    private long reserved() {
        return memory.stats().reservedBytes();
    }

    @Test
    void freeBlockOfUpToTwiceTheSizeIsLentBeforeOneIsMade() {
        free(64 * KIB);
        CpuBuffer b = memory.allocate(32 * KIB);
        assertEquals(64 * KIB, reserved());
        assertEquals(32 * KIB, b.bytes());
        assertEquals(32 * KIB, memory.stats().usedBytes());

        memory.free(b);
        assertEquals(0, memory.stats().usedBytes());
        CpuBuffer whole = memory.allocate(64 * KIB);
        assertEquals(b.address(), whole.address());
        assertEquals(64 * KIB, whole.bytes());
        memory.free(whole);
    }

    @Test
    void largerBlocksAreKept() {
        free(64 * KIB);
        CpuBuffer b = memory.allocate(28 * KIB);
        assertEquals((64 + 28) * KIB, reserved());
        memory.free(b);
    }

    @Test
    void smallestThatFitsIsLent() {
        free(60 * KIB, 40 * KIB, 52 * KIB);
        CpuBuffer b = memory.allocate(36 * KIB);
        assertEquals(40 * KIB, b.capacity());
        CpuBuffer next = memory.allocate(36 * KIB);
        assertEquals(52 * KIB, next.capacity());
        assertNotEquals(b.address(), next.address());
        memory.free(b);
        memory.free(next);
    }

    @Test
    void blockInUseIsNotLentTwiceNorFreedTwice() {
        CpuBuffer a = memory.allocate(8 * KIB);
        CpuBuffer b = memory.allocate(8 * KIB);
        assertNotEquals(a.address(), b.address());
        memory.free(a);
        assertThrows(IllegalStateException.class, () -> memory.free(a));
        memory.free(b);
        assertEquals(16 * KIB, reserved());
        memory.trim();
        assertEquals(0, reserved());
    }
}
