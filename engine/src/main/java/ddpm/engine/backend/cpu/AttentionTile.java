package ddpm.engine.backend.cpu;

import ddpm.engine.backend.Attention;

/**
 * How attention is cut up: one work item is one image and {@code heads} of its heads, done in blocks of {@code rows}
 * queries. Offsets are in bytes.
 */
record AttentionTile(Attention geometry, long heads, long rows) {
    /** Bytes of the two score matrices of a block: what a core's second-level cache holds beside the operands. */
    private static final long BUDGET = 1 << 20;

    static AttentionTile of(Attention g) {
        long bytesPerRow = 2 * g.tokens() * Float.BYTES;
        if (g.heads() * g.tokens() * bytesPerRow <= BUDGET) {
            return new AttentionTile(g, g.heads(), g.tokens());
        }
        long blocks = Math.max(1, ceilDiv(g.tokens() * bytesPerRow, BUDGET));
        return new AttentionTile(g, 1, ceilDiv(g.tokens(), blocks));
    }

    private static long ceilDiv(long a, long b) {
        return (a + b - 1) / b;
    }

    /** Work items. */
    long count() {
        return geometry.n() * (geometry.heads() / heads);
    }

    /** Floats of the scores of one block. */
    long scores() {
        return heads * rows * geometry.tokens();
    }

    /** Floats of the transposed gradient of keys or values. */
    long transposed() {
        return heads * geometry.headDim() * geometry.tokens();
    }

    /** Rows of the block that starts at {@code row}: fewer in the last. */
    long rowsFrom(long row) {
        return Math.min(rows, geometry.tokens() - row);
    }

    long qkvOffset(long item) {
        return (image(item) * geometry.tokens() * 3 * geometry.width() + firstHead(item) * geometry.headDim())
                * Float.BYTES;
    }

    long yOffset(long item) {
        return (image(item) * geometry.tokens() * geometry.width() + firstHead(item) * geometry.headDim())
                * Float.BYTES;
    }

    long qkvRow(long row) {
        return row * 3 * geometry.width() * Float.BYTES;
    }

    long yRow(long row) {
        return row * geometry.width() * Float.BYTES;
    }

    long keys() {
        return geometry.width() * Float.BYTES;
    }

    long values() {
        return 2 * geometry.width() * Float.BYTES;
    }

    private long image(long item) {
        return item / (geometry.heads() / heads);
    }

    private long firstHead(long item) {
        return item % (geometry.heads() / heads) * heads;
    }
}
