package ddpm.engine.backend.cuda.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.cuda.Gpu;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pool: where blocks lie, what it holds, what happens when there is no more; copies of all sizes. */
@Tag("cuda")
public class CudaMemoryTest {
    private static final long MIB = 1 << 20;

    private CudaMemory memory;

    @BeforeEach
    void open() {
        memory = new CudaMemory(Gpu.device());
    }

    @AfterEach
    void close() {
        if (memory != null) {
            memory.close();
        }
    }

    @Test
    void theSameSequenceGivesTheSameAddressesWhateverTheOrderOfFreeing() {
        List<Long> first = step(0);
        for (int seed = 1; seed < 5; seed++) {
            assertEquals(first, step(seed));
        }
    }

    /** Allocates 40 blocks of five sizes, frees a few in between, and the rest in a random order. */
    private List<Long> step(int seed) {
        List<Long> addresses = new ArrayList<>();
        List<CudaBuffer> held = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            CudaBuffer b = memory.allocate(1000L << (i * 7 % 5));
            addresses.add(b.address());
            held.add(b);
            if (i % 6 == 5) {
                memory.free(held.remove(held.size() - 3));
            }
        }
        Collections.shuffle(held, new Random(seed));
        held.forEach(memory::free);
        return addresses;
    }

    @Test
    void countsWhatIsUsedHeldAndAtMostUsed() {
        Buffer a = memory.allocate(MIB);
        Buffer b = memory.allocate(2 * MIB);
        memory.free(b);
        assertEquals(MIB, memory.stats().usedBytes());
        assertEquals(3 * MIB, memory.stats().reservedBytes());
        assertEquals(3 * MIB, memory.stats().peakBytes());
        memory.resetPeak();
        assertEquals(MIB, memory.stats().peakBytes());
        memory.trim();
        assertEquals(MIB, memory.stats().reservedBytes());
        memory.free(a);
        assertThrows(IllegalStateException.class, () -> memory.free(a));
    }

    @Test
    void emptiesThePoolBeforeItSaysThatMemoryIsOut() {
        try (CudaMemory small = new CudaMemory(Gpu.device(), 16 * MIB)) {
            small.free(small.allocate(9 * MIB));
            Buffer other = small.allocate(11 * MIB); // fits only once the first is given back
            Buffer two = small.allocate(2 * MIB);
            Buffer one = small.allocate(2 * MIB);
            small.free(small.allocate(MIB));
            assertEquals(16 * MIB, small.stats().reservedBytes());

            BackendException e = assertThrows(BackendException.class, () -> small.allocate(3 * MIB));
            String[] lines = e.getMessage().split("\\R");
            assertTrue(
                    lines[0].matches("cuda: out of memory asking for 3.0 MiB on .*: 15.0 MiB in use, 0 B cached,"
                            + " [\\d.]+ MiB free of [\\d.]+ MiB, .*; use a smaller batch or close other programs"),
                    e.getMessage());
            assertEquals("  11.0 MiB         1  11.0 MiB", lines[2]);
            assertEquals("  4.0 MiB          2  2.0 MiB", lines[3]);
            List.of(other, two, one).forEach(small::free);
        }
    }

    @Test
    void copiesArraysOfAllSizesAndLeavesThemToTheCaller() {
        for (int n : new int[] {1, 63, 64, 65, (4 << 20) / 4 + 1, (40 << 20) / 4 + 3}) {
            float[] values = random(n);
            float[] sent = values.clone();
            Buffer b = memory.allocate(4L * n);
            memory.upload(sent, b);
            Arrays.fill(sent, Float.NaN); // must not matter any more
            float[] back = new float[n];
            memory.download(b, back);
            assertArrayEquals(values, back);
            memory.free(b);
        }
    }

    @Test
    void manySmallUploadsKeepTheirOrder() {
        Buffer b = memory.allocate(4);
        Buffer log = memory.allocate(4 * 1000);
        List<Buffer> kept = new ArrayList<>();
        for (int i = 0; i < 1000; i++) { // more than may be in flight
            memory.upload(new int[] {i}, b);
            Buffer copy = memory.allocate(4);
            memory.copy(4, b, copy);
            kept.add(copy);
        }
        for (int i = 0; i < 1000; i++) {
            int[] value = {-1};
            memory.download(kept.get(i), value);
            assertEquals(i, value[0]);
            memory.free(kept.get(i));
        }
        memory.free(b);
        memory.free(log);
    }

    @Test
    void writesAPartOfABufferZerosAndFills() {
        Buffer b = memory.allocate(256);
        memory.zero(b);
        memory.upload(new byte[] {1, 2, 3}, b, 5);
        byte[] bytes = new byte[10];
        memory.download(b, bytes);
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 1, 2, 3, 0, 0}, bytes);
        memory.fill(3, 1.5f, b);
        float[] floats = new float[4];
        memory.download(b, floats);
        assertArrayEquals(new float[] {1.5f, 1.5f, 1.5f, 0}, floats);
        BackendException e = assertThrows(BackendException.class, () -> memory.upload(new byte[250], b, 7));
        assertEquals("cuda: upload of 257 bytes, the buffer has 256", e.getMessage());
        memory.free(b);
    }

    @Test
    void memoryOfTheHostIsReadByTheDeviceAndNotCounted() {
        Buffer b = memory.allocateHost(5 * MIB);
        byte[] values = new byte[(int) (5 * MIB)];
        new Random(3).nextBytes(values);
        memory.upload(values, b);
        Buffer on = memory.allocate(5 * MIB);
        memory.copy(5 * MIB, b, on);
        byte[] back = new byte[values.length];
        memory.download(on, back);
        assertArrayEquals(values, back);
        assertEquals(5 * MIB, memory.stats().usedBytes());

        memory.upload(new byte[] {1, 2}, b);
        memory.copy(2, b, on);
        memory.upload(new byte[] {3, 4}, b); // after the copy
        byte[] two = new byte[2];
        memory.download(on, two);
        assertArrayEquals(new byte[] {1, 2}, two);
        memory.copy(2, b, on);
        memory.free(b); // after the copy
        memory.download(on, two);
        assertArrayEquals(new byte[] {3, 4}, two);
        memory.free(on);
    }

    @Test
    void availableCountsWhatIsCached() {
        long before = memory.availableBytes();
        Buffer b = memory.allocate(8 * MIB);
        assertTrue(memory.availableBytes() <= before - 8 * MIB);
        memory.free(b);
        assertTrue(memory.availableBytes() >= 8 * MIB);
    }

    private static float[] random(int n) {
        Random r = new Random(n);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) r.nextGaussian();
        }
        return values;
    }
}
