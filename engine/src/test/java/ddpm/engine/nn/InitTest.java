package ddpm.engine.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.random.Philox;
import ddpm.engine.random.Stream;
import org.junit.jupiter.api.Test;

class InitTest {
    /** However many cores draw them: value i is word i of its row, 4 to a block. */
    @Test
    void eachValueDependsOnItsPlaceAlone() {
        float[] values = new Init(0.5f, 0.25f).values(100_001, 7, 3);
        assertEquals(100_001, values.length);
        int[] words = new int[4];
        for (int i = 0; i < values.length; i++) {
            Philox.block(7, Stream.INIT, 3, 0, i / 4, words);
            float unit = (words[i % 4] >>> 8) / (float) (1 << 23) - 1;
            assertEquals(0.5f + 0.25f * unit, values[i], "value " + i);
        }
    }
}
