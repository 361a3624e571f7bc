package ddpm.engine.random;

/**
 * Philox4x32-10: four 32-bit words from a 128-bit counter and a 64-bit key. Salmon, Moraes, Dror, Shaw: "Parallel Random
 * Numbers: As Easy as 1, 2, 3", SC 2011, section 3.3.
 *
 * <p>Here the key is the seed and the counter is (block, row, step, stream): block counts the groups of four words
 * within a row.
 */
public final class Philox {
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private Philox() {}

    /** out[0..3] = Philox4x32-10 of the counter (c0, c1, c2, c3) under the key (k0, k1). */
    public static void block(int c0, int c1, int c2, int c3, int k0, int k1, int[] out) {
        for (int i = 0; i < ROUNDS; i++) {
            long p0 = M0 * (c0 & 0xFFFFFFFFL);
            long p1 = M1 * (c2 & 0xFFFFFFFFL);
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            k0 += W0;
            k1 += W1;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }

    /** Block number {@code block} of a row: see the class comment. */
    public static void block(long seed, Stream stream, long row, long step, int block, int[] out) {
        block(block, (int) row, (int) step, stream.id(), (int) seed, (int) (seed >>> 32), out);
    }

    /** The first word of a row, as a number in 0 .. 2^32-1. */
    public static long word(long seed, Stream stream, long row, long step) {
        int[] out = new int[4];
        block(seed, stream, row, step, 0, out);
        return out[0] & 0xFFFFFFFFL;
    }
}
