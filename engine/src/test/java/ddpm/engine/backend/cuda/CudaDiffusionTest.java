package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.testing.NoiseTable;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the noise kernel does beyond the CPU's; that its bits are the CPU's is in DiffusionBitsTest. */
@Tag("kernels")
class CudaDiffusionTest {
    private static final int IMAGES = 6;
    private static final Nhwc BATCH = new Nhwc(4, 3, 4, 1);
    private static final int LENGTH = 12; // values of a row

    private CudaMemory memory;
    private CudaKernels kernels;

    @BeforeEach
    void open() {
        memory = new CudaMemory(Gpu.device());
        kernels = CudaKernels.shipped(Gpu.device());
    }

    @AfterEach
    void close() {
        if (kernels != null) {
            kernels.close();
            memory.close();
        }
    }

    /** Images too many for the GPU stay with the host; the kernel reads them over the bus. */
    @Test
    void imagesMayLieWithTheHost() {
        Buffer there = memory.allocateHost(IMAGES * LENGTH);
        Buffer here = memory.allocate(IMAGES * LENGTH);
        assertArrayEquals(noiseAdd(here, 1), noiseAdd(there, 1));
        memory.free(there);
    }

    /** A kernel cannot throw, and must neither hang nor train on some other image: NaN ends the run at its loss. */
    @Test
    void rowsBehindTheEndOfTheEpochAreNaN() {
        Buffer images = memory.allocate(IMAGES * LENGTH);
        float[] xt = noiseAdd(images, IMAGES - 2); // two rows are left for a batch of four
        for (int i = 0; i < xt.length; i++) {
            assertEquals(i >= 2 * LENGTH, Float.isNaN(xt[i]), "value " + i);
        }
        for (float v : noiseAdd(images, Integer.MAX_VALUE - 1)) {
            assertEquals(Float.NaN, v);
        }
    }

    private float[] noiseAdd(Buffer images, int position) {
        byte[] bytes = new byte[IMAGES * LENGTH];
        new Random(1).nextBytes(bytes);
        memory.upload(bytes, images);
        Buffer numbers = memory.allocate(BatchNumbers.WORDS * Integer.BYTES);
        memory.upload(new BatchNumbers(2, position, 3, 0).toWords(), numbers);
        float[] rows = NoiseTable.random(10);
        Buffer table = memory.allocate((long) rows.length * Float.BYTES);
        memory.upload(rows, table);
        Buffer xt = memory.allocate(BATCH.count() * Float.BYTES);
        Buffer target = memory.allocate(BATCH.count() * Float.BYTES);
        Buffer time = memory.allocate(BATCH.n() * Float.BYTES);
        Buffer weight = memory.allocate(BATCH.n() * Float.BYTES);
        Buffer row = memory.allocate(BATCH.n() * Integer.BYTES);
        NoiseAdd g = new NoiseAdd(
                BATCH, IMAGES, 7, true, true, 10, BATCH.n(), NoiseTable.NOISE, NoiseTable.TIMES, NoiseTable.FLIPS);
        new CudaDiffusion(kernels).noiseAdd(g, numbers, images, table, xt, target, time, weight, row);
        float[] values = new float[(int) BATCH.count()];
        memory.download(xt, values);
        return values;
    }
}
