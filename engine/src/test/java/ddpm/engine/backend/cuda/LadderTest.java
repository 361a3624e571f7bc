package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps.GroupNorm;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every step of every ladder gives what the reference in double gives, at sizes off every block size. */
@Tag("kernels")
class LadderTest {
    private static LadderDevice gpu;

    @BeforeAll
    static void open() {
        gpu = new LadderDevice(Gpu.device());
    }

    @AfterAll
    static void close() {
        if (gpu != null) {
            gpu.close();
        }
    }

    @Test
    void reduction() {
        for (int n : List.of(1, 2, 5, 255, 4_096, 4_099, 70_001, 1_050_001)) {
            check(new ReductionLadder(gpu, n));
        }
    }

    /** v3 moves the additions of v2 to other threads and adds the same pairs. */
    @Test
    void stridedIndexAddsTheSamePairs() {
        try (ReductionLadder ladder = new ReductionLadder(gpu, 70_001)) {
            float[] tree = ladder.result(ladder.steps().get(1)).got();
            float[] strided = ladder.result(ladder.steps().get(2)).got();
            float[] halves = ladder.result(ladder.steps().get(3)).got();
            assertArrayEquals(tree, strided);
            assertNotEquals(tree[0], halves[0], "data that cannot tell pairs apart");
        }
    }

    /** One channel a group and many, off the panel's size and above it; a group larger than what v4 and v5 keep. */
    @Test
    void groupNorm() {
        for (GroupNorm g : List.of(
                norm(2, 1, 2, 2, 1),
                norm(2, 3, 5, 6, 6),
                norm(1, 7, 9, 12, 4),
                norm(2, 4, 4, 72, 36),
                norm(3, 14, 14, 64, 8),
                norm(1, 1, 3, 1_028, 1),
                norm(1, 2, 2, 602, 2),
                norm(1, 47, 61, 12, 4),
                norm(1, 33, 47, 24, 4))) {
            check(new GroupNormLadder(gpu, g));
        }
    }

    private static GroupNorm norm(long n, long h, long w, long c, long groups) {
        return new GroupNorm(new Nhwc(n, h, w, c), groups, 1e-5f);
    }

    /** Every width of a head and some padded to it, around the sizes of tiles and blocks. */
    @Test
    void attention() {
        for (int headDim : List.of(4, 8, 16, 32, 64, 1, 6, 12, 63)) {
            for (int tokens : List.of(1, 32, 33, 70)) {
                check(new AttentionLadder(gpu, new Attention(2, tokens, headDim < 32 ? 3 : 1, headDim)));
            }
        }
    }

    private static void check(Ladder ladder) {
        try (ladder) {
            for (Ladder.Step step : ladder.steps()) {
                double worst = ladder.result(step).worst(step.roundings());
                assertTrue(worst <= 1, ladder.title() + ", " + step.name() + ": " + worst + " times the error allowed");
            }
        }
    }
}
