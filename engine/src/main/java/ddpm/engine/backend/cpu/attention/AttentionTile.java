package ddpm.engine.backend.cpu.attention;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.Precision;

/**
 * How attention of one image is cut up: {@code heads} heads at a time, in blocks of {@code rows} queries.
 *
 * @param stored how queries, keys, values and results are stored
 */
record AttentionTile(int tokens, int allHeads, int headDim, int heads, int rows, Precision stored) {
    /** Bytes of the two score matrices of a block: what a core's second-level cache holds beside the operands. */
    private static final long BUDGET = 1 << 20;
    /** Floats of the widest vector: blocks of other sizes waste some of their last. */
    private static final int LANES = 16;

    static AttentionTile of(Attention g) {
        int tokens = (int) g.tokens();
        int heads = (int) g.heads();
        long bytesPerRow = 2L * tokens * Float.BYTES;
        if (heads * tokens * bytesPerRow <= BUDGET) {
            return new AttentionTile(tokens, heads, (int) g.headDim(), heads, tokens, g.stored());
        }
        long blocks = Math.max(1, ceilDiv(tokens * bytesPerRow, BUDGET));
        long rows = LANES * ceilDiv(ceilDiv(tokens, blocks), LANES);
        return new AttentionTile(tokens, heads, (int) g.headDim(), 1, (int) Math.min(rows, tokens), g.stored());
    }

    private static long ceilDiv(long a, long b) {
        return (a + b - 1) / b;
    }

    /** C. */
    int width() {
        return allHeads * headDim;
    }

    /** Floats of a row of qkv. */
    int packed() {
        return 3 * width();
    }

    float scale() {
        return (float) (1 / Math.sqrt(headDim));
    }

    /** Floats of the scores of one block. */
    long scores() {
        return (long) heads * rows * tokens;
    }

    /** Floats of all heads' queries, keys or values with {@code columns} instead of headDim. */
    int operand(int columns) {
        return allHeads * columns * tokens;
    }

    /** Rows of the block that starts at {@code row}: fewer in the last. */
    int rowsFrom(int row) {
        return Math.min(rows, tokens - row);
    }
}
