package ddpm.engine.backend.cuda.kernel;

/** The grid of kernels that walk over their elements in strides of it, and so are right with any. */
public final class Grid {
    public static final int THREADS = 256;

    private static final int PER_BLOCK = 4 * THREADS; // 16 bytes of float32 for each thread
    private static final long MOST_BLOCKS = 1 << 20;

    private Grid() {}

    public static long blocks(long elements) {
        return Math.max(1, Math.min(MOST_BLOCKS, (elements + PER_BLOCK - 1) / PER_BLOCK));
    }
}
