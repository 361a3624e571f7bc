package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.Work.accesses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No kernel looks at a tile too many, keeps a warp busy for rows that do not exist, or reads what it does not need. */
@Tag("cuda")
@Tag("kernels")
class WorkTest {
    private static final int SHUFFLES = 5; // of a sum over a warp

    private static ExactMemory memory;
    private static LadderDevice gpu;

    @BeforeAll
    static void open() {
        memory = new ExactMemory();
        gpu = new LadderDevice(memory.device);
    }

    @AfterAll
    static void close() {
        if (gpu != null) {
            gpu.close();
            memory.close();
        }
    }

    // ---- attention: where rows fill warps, and columns tiles, twice the tokens are four times the work

    /** @param warpRows the rows of a warp: in fp32 64 / LANES, on tensor cores 16 */
    @ParameterizedTest
    @CsvSource({
        "FP32, 4, 64",
        "FP32, 16, 64",
        "FP32, 32, 32",
        "FP32, 64, 16",
        "BF16, 4, 16",
        "BF16, 16, 16",
        "BF16, 64, 16"
    })
    void attentionReadsSharedMemoryForRowsThatExist(Precision precision, int headDim, int warpRows) {
        for (boolean backward : new boolean[] {false, true}) {
            long one = attention(precision, headDim, warpRows, backward).sharedReads();
            long two = attention(precision, headDim, 2 * warpRows, backward).sharedReads();
            assertEquals(4 * one, two, precision + " " + headDim + " backward " + backward);
            assertEquals(one > 0, accesses(1) > 0);
        }
    }

    /** Each of 64 or 32 columns, by blocks of at most 128 rows. */
    @ParameterizedTest
    @CsvSource({"FP32, 4", "FP32, 16", "FP32, 32", "FP32, 64", "BF16, 4", "BF16, 64"})
    void attentionHasNoTileTooMany(Precision precision, int headDim) {
        for (boolean backward : new boolean[] {false, true}) {
            long one = attention(precision, headDim, 128, backward).barriers();
            long two = attention(precision, headDim, 256, backward).barriers();
            assertEquals(4 * one, two, precision + " " + headDim + " backward " + backward);
            assertTrue(one > 0);
        }
    }

    private static Work attention(Precision precision, int headDim, int tokens, boolean backward) {
        Attention g = new Attention(1, tokens, 1, headDim);
        CudaMemory pool = gpu.memory();
        CudaAttention ops = new CudaAttention(gpu.shipped(), pool, precision);
        int count = tokens * headDim;
        Buffer qkv = gpu.filled(LadderDevice.gaussians(3 * count, 1));
        Buffer dy = gpu.filled(LadderDevice.gaussians(count, 2));
        Buffer y = pool.allocate((long) count * Float.BYTES);
        Buffer state = pool.allocate(ops.stateElements(g) * Float.BYTES);
        Buffer dqkv = pool.allocate(3L * count * Float.BYTES);
        Work forward = Work.of(gpu.device(), () -> ops.attention(g, qkv, y, state));
        Work work = backward ? Work.of(gpu.device(), () -> ops.attentionBackward(g, qkv, y, state, dy, dqkv)) : forward;
        List.of(qkv, dy, y, state, dqkv).forEach(pool::free);
        return work;
    }

    /** Steps 2 and 3 read the columns that exist; from step 4 on there are tiles. */
    @Test
    void attentionLadder() {
        int dim = 6;
        int tokens = 70;
        int rows = tokens * dim;
        try (AttentionLadder ladder = new AttentionLadder(gpu, new Attention(1, tokens, 1, dim))) {
            assertEquals(
                    accesses(rows * (1 + 4L * tokens)), ladderWork(ladder, 1).globalReads(), "v2");
            assertEquals(
                    accesses(rows * (1 + 2L * tokens)), ladderWork(ladder, 2).globalReads(), "v3");
            int blocks = 2;
            assertEquals(
                    accesses(rows * (1 + 2L * blocks)), ladderWork(ladder, 3).globalReads(), "v4");
        }
        for (int step = 3; step <= 5; step++) {
            long one = ladderBarriers(step, 128);
            assertEquals(4 * one, ladderBarriers(step, 256), "v" + (step + 1));
            assertTrue(one > 0);
        }
    }

    private static long ladderBarriers(int step, int tokens) {
        try (AttentionLadder ladder = new AttentionLadder(gpu, new Attention(1, tokens, 1, 4))) {
            return ladderWork(ladder, step).barriers();
        }
    }

    private static Work ladderWork(Ladder ladder, int step) {
        return Work.of(gpu.device(), ladder.steps().get(step).run());
    }

    // ---- sums

    /** 256 threads add up over their warps, then one warp adds up eight sums: of one block, and of its partial sum. */
    @Test
    void reductionLadderLetsOneWarpFinish() {
        ReductionLadder ladder = new ReductionLadder(gpu, 4096);
        for (int step = 4; step <= 5; step++) {
            assertEquals(2L * (8 + 1) * 32 * SHUFFLES, ladderWork(ladder, step).warpOperations(), "v" + (step + 1));
        }
        ladder.close();
    }

    /** Every value once, where the block has more threads than whole rows of them. */
    @Test
    void sumPixelsReadsAValueOnce() {
        int pixels = 9;
        int c = 300;
        int perBlock = 100;
        int[] arguments = {1, pixels, c, perBlock, 1};
        Launch launch = memory.kernel("sum_pixels", Storage.F32).blocks(3, 1).threads(256);
        launch = memory.result(Storage.F32, 0, c)
                .arg(memory.floats(LadderDevice.gaussians(pixels * c, 1)).arg(launch));
        for (int argument : arguments) {
            launch.arg(argument);
        }
        assertEquals(accesses(pixels * c), Work.of(memory.device, launch::run).globalReads());
        memory.forget();
    }
}
