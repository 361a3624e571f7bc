package ddpm.engine.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.testing.OpCheck;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class PermutationTest {
    private static final long SEED = OpCheck.SEED;

    @Test
    void everyItemOnce() {
        for (int n = 1; n <= 300; n++) {
            bijection(n, n % 5);
        }
        for (int n : new int[] {1023, 1024, 1025, 4096, 4097, 60_000, 65_536, 65_537, 262_143}) {
            bijection(n, 3);
        }
    }

    private static void bijection(int n, long epoch) {
        Permutation p = new Permutation(n, SEED, epoch);
        BitSet seen = new BitSet(n);
        for (int i = 0; i < n; i++) {
            int item = p.at(i);
            assertTrue(item >= 0 && item < n, "n=" + n + " gave " + item);
            assertFalse(seen.get(item), "n=" + n + " gave " + item + " twice");
            seen.set(item);
        }
    }

    /** Position by position without state: a resumed run asks for the same items. */
    @Test
    void resumable() {
        int n = 60_000;
        Permutation first = new Permutation(n, SEED, 2);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = first.at(i);
        }
        Permutation resumed = new Permutation(n, SEED, 2);
        for (int i = n - 1; i >= 0; i -= 17) {
            assertEquals(order[i], resumed.at(i));
        }
    }

    /** Two epochs, two seeds and the identity agree in about one place: a Poisson count of mean 1. */
    @Test
    void ordersDiffer() {
        int n = 10_000;
        Permutation a = new Permutation(n, SEED, 0);
        Permutation epoch = new Permutation(n, SEED, 1);
        Permutation seed = new Permutation(n, SEED + 1, 0);
        int identity = 0;
        int epochs = 0;
        int seeds = 0;
        for (int i = 0; i < n; i++) {
            identity += a.at(i) == i ? 1 : 0;
            epochs += a.at(i) == epoch.at(i) ? 1 : 0;
            seeds += a.at(i) == seed.at(i) ? 1 : 0;
        }
        assertTrue(identity < 10 && epochs < 10 && seeds < 10, identity + " " + epochs + " " + seeds);
    }

    /** Where the item of a position goes is uniform: chi-square of 16 x 16 cells, 225 degrees of freedom. */
    @Test
    void uniform() {
        int n = 60_000;
        int[] cells = new int[256];
        Permutation p = new Permutation(n, SEED, 4);
        for (int i = 0; i < n; i++) {
            cells[(int) (16L * i / n) * 16 + (int) (16L * p.at(i) / n)]++;
        }
        double expected = n / 256.0;
        double chi = 0;
        for (int count : cells) {
            chi += (count - expected) * (count - expected) / expected;
        }
        double spread = Math.sqrt(2 * 225);
        assertTrue(Math.abs(chi - 225) < 5 * spread, "chi-square " + chi);
    }

    @Test
    void largest() {
        Permutation p = new Permutation(Integer.MAX_VALUE, SEED, 0);
        for (long i = 0; i < 1000; i++) {
            assertTrue(p.at(Integer.MAX_VALUE - 1 - i * 1_000_003 % Integer.MAX_VALUE) >= 0);
        }
    }

    @Test
    void refuses() {
        assertThrows(IllegalArgumentException.class, () -> new Permutation(0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Permutation(1L << 31, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Permutation(5, 1, 1).at(5));
        assertThrows(IllegalArgumentException.class, () -> new Permutation(5, 1, 1).at(-1));
    }
}
