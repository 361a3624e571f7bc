package ddpm.data.drawn;

/**
 * Random numbers of one image: SplitMix64 (Steele, Lea, Flood 2014) started from (seed, stream, index).
 *
 * <p>Only integer arithmetic and IEEE + - * / are used, so an image depends neither on the machine, nor on how many
 * are drawn, nor on the order in which threads draw them.
 */
final class ImageRandom {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private long state;

    ImageRandom(long seed, long stream, long index) {
        state = mix(mix(mix(seed) ^ stream * 0xD1342543DE82EF95L) + index * GOLDEN);
    }

    static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }

    long bits() {
        state += GOLDEN;
        return mix(state);
    }

    /** In [0, 1). */
    double uniform() {
        return (bits() >>> 11) * 0x1p-53;
    }

    double uniform(double from, double to) {
        return from + (to - from) * uniform();
    }

    /** 0 .. n-1. */
    int below(int n) {
        return (int) ((bits() >>> 32) * n >>> 32);
    }

    boolean chance(double p) {
        return uniform() < p;
    }

    /** Mean 0, deviation 1, never beyond 3.47: the sum of four uniforms, near normal without log or cos. */
    double bell() {
        return (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508075688772;
    }
}
