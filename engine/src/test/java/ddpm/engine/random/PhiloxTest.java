package ddpm.engine.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    private static final Stream FLIP = new Stream(2);

    /** Random123 1.14, tests/kat_vectors, the lines "philox4x32 10": counter, key, result. */
    private static final String[] KNOWN = {
        "00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1"
    };

    @Test
    void knownAnswers() {
        for (String line : KNOWN) {
            int[] v = Arrays.stream(line.split(" "))
                    .mapToInt(h -> Integer.parseUnsignedInt(h, 16))
                    .toArray();
            int[] out = new int[4];
            Philox.block(v[0], v[1], v[2], v[3], v[4], v[5], out);
            assertArrayEquals(Arrays.copyOfRange(v, 6, 10), out, line);
        }
    }

    /** The counter is (block, row, step, stream), the key (low, high word of the seed): part of the file format. */
    @Test
    void keying() {
        long seed = 0x299f31d0_a4093822L;
        int[] want = new int[4];
        int[] got = new int[4];
        Philox.block(5, 6, 7, FLIP.id(), 0xa4093822, 0x299f31d0, want);
        Philox.block(seed, FLIP, 6, 7, 5, got);
        assertArrayEquals(want, got);

        Philox.block(seed, FLIP, 0xFFFFFFFFL, 0xFFFFFFFEL, 0, got);
        Philox.block(0, -1, -2, FLIP.id(), 0xa4093822, 0x299f31d0, want);
        assertArrayEquals(want, got);
        assertEquals(want[0] & 0xFFFFFFFFL, Philox.word(seed, FLIP, 0xFFFFFFFFL, 0xFFFFFFFEL));
    }

    /** Numbers of the engine's own uses: order and initial weights of every run that there has been depend on them. */
    @Test
    void theEnginesStreamsKeepTheirNumbers() {
        assertEquals(3, Stream.SHUFFLE.id());
        assertEquals(4, Stream.INIT.id());
    }

    /** Any of seed, stream, row, step and block changes the words. */
    @Test
    void everyKeyMatters() {
        Set<Long> seen = new HashSet<>();
        int draws = 0;
        int[] out = new int[4];
        for (int id = 0; id < 7; id++) {
            Stream stream = new Stream(id);
            for (long seed : new long[] {0, 1, 1L << 32, -1}) {
                for (long row = 0; row < 3; row++) {
                    for (long step = 0; step < 3; step++) {
                        for (int block = 0; block < 3; block++) {
                            Philox.block(seed, stream, row, step, block, out);
                            seen.add((long) out[0] << 32 | out[1] & 0xFFFFFFFFL);
                            draws++;
                        }
                    }
                }
            }
        }
        assertEquals(draws, seen.size());
    }
}
