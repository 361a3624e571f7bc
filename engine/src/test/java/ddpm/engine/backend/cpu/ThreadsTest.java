package ddpm.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.Precision;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.SmallNet;
import org.junit.jupiter.api.Test;

/** Which thread does what is left to chance; the result is not. */
class ThreadsTest {
    private static final int STEPS = 12;

    /** The same number of threads, more of them than cores or than images, gives the same bits. */
    @Test
    void sameThreadsSameBits() {
        for (int threads : new int[] {1, 2, 3, 7}) {
            assertArrayEquals(losses(threads), losses(threads), threads + " threads");
        }
    }

    /** Other cuts of the batch add the gradients of weights in another order: the same up to rounding. */
    @Test
    void anyNumberOfThreads() {
        float[] one = losses(1);
        for (int threads : new int[] {2, 3, 4, 7}) {
            float[] many = losses(threads);
            for (int i = 0; i < STEPS; i++) {
                // the first loss is one forward: some U; each Adam step then grows the differences
                assertEquals(one[i], many[i], (1e-6 + 1e-4 * i) * one[i], "step " + i + ", threads " + threads);
            }
        }
    }

    private static float[] losses(int threads) {
        float[] losses = new float[STEPS];
        try (CpuBackend backend = new CpuBackend(Precision.FP32, threads);
                SmallNet net = new SmallNet(new Guarded(backend), 5, 6, 16)) {
            for (int i = 0; i < STEPS; i++) {
                losses[i] = net.train();
            }
        }
        return losses;
    }
}
