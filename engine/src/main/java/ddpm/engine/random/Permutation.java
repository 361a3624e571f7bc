package ddpm.engine.random;

/**
 * The order of n items in one epoch, computed per position and never stored: a Feistel network over the next power of
 * four, walked until it lands below n. Black &amp; Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002,
 * section 4 (cycle walking).
 */
public final class Permutation {
    private static final int ROUNDS = 6;

    private final long n;
    private final long seed;
    private final long epoch;
    private final int halfBits;
    private final int mask;

    /** @param n number of items, 1 .. 2^31-1 @param epoch each has its own order */
    public Permutation(long n, long seed, long epoch) {
        if (n <= 0 || n > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("permutation of " + n + " items: needs 1 .. 2^31-1");
        }
        this.n = n;
        this.seed = seed;
        this.epoch = epoch;
        int bits = Math.max(2, 64 - Long.numberOfLeadingZeros(n - 1));
        this.halfBits = (bits + 1) / 2;
        this.mask = (1 << halfBits) - 1;
    }

    /** The item at a position, 0 .. n-1 each once. */
    public int at(long position) {
        if (position < 0 || position >= n) {
            throw new IllegalArgumentException("position " + position + " of a permutation of " + n + " items");
        }
        long x = position;
        int[] out = new int[4];
        do {
            x = encrypt(x, out);
        } while (x >= n);
        return (int) x;
    }

    private long encrypt(long x, int[] out) {
        int left = (int) (x >>> halfBits);
        int right = (int) x & mask;
        for (int round = 0; round < ROUNDS; round++) {
            Philox.block(seed, Stream.SHUFFLE, right, epoch, round, out);
            int next = left ^ (out[0] & mask);
            left = right;
            right = next;
        }
        return ((long) left << halfBits) | right;
    }
}
