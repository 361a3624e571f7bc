package ddpm.engine.backend.cpu;

import ddpm.engine.backend.Attention;
import ddpm.engine.backend.AttentionOps;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Precision;

/**
 * Attention in blocks of queries: for one image and some heads at a time, on one core, the scores of a block of queries
 * against all keys fit its cache. The backward computes the scores again. Dao et al. 2022 ("FlashAttention") without
 * the online softmax, which a cache does not need.
 */
final class CpuAttention implements AttentionOps {
    private final Workers workers;
    private final Precision precision;

    CpuAttention(Workers workers, Precision precision) {
        this.workers = workers;
        this.precision = precision;
    }

    /** Any: the width is only one extent of a product. */
    @Override
    public long widestHead() {
        return Long.MAX_VALUE;
    }

    @Override
    public long stateElements(Attention g) {
        return 0;
    }

    @Override
    public void attention(Attention g, Buffer qkv, Buffer y, Buffer state) {
        AttentionTile tile = AttentionTile.of(g);
        long in = address(qkv);
        long out = address(y);
        workers.forEach(tile.count(), (w, item) -> {
            AttentionKernels k = new AttentionKernels(w.context(), tile, precision);
            long scores = w.natives(0, tile.scores()).address();
            long head = tile.qkvOffset(item);
            for (long row = 0; row < g.tokens(); row += tile.rows()) {
                long rows = tile.rowsFrom(row);
                k.scores(rows, in + head + tile.qkvRow(row), in + head + tile.keys(), scores);
                k.softmax(rows, scores);
                k.weightedValues(rows, scores, in + head + tile.values(), out + tile.yOffset(item) + tile.yRow(row));
            }
        });
    }

    @Override
    public void attentionBackward(Attention g, Buffer qkv, Buffer y, Buffer state, Buffer dy, Buffer dqkv) {
        AttentionTile tile = AttentionTile.of(g);
        long in = address(qkv);
        long dOut = address(dy);
        long dIn = address(dqkv);
        workers.forEach(tile.count(), (w, item) -> {
            AttentionKernels k = new AttentionKernels(w.context(), tile, precision);
            long p = w.natives(0, tile.scores()).address();
            long dp = w.natives(1, tile.scores()).address();
            long dkT = w.natives(2, tile.transposed()).address(); // [heads,headDim,T]: rows of T multiply faster
            long dvT = w.natives(3, tile.transposed()).address();
            long head = tile.qkvOffset(item);
            for (long row = 0; row < g.tokens(); row += tile.rows()) {
                long rows = tile.rowsFrom(row);
                boolean first = row == 0;
                long q = in + head + tile.qkvRow(row);
                long dyRow = dOut + tile.yOffset(item) + tile.yRow(row);
                k.scores(rows, q, in + head + tile.keys(), p);
                k.softmax(rows, p);
                k.weightGradient(rows, dyRow, in + head + tile.values(), dp);
                k.valueGradient(rows, first, dyRow, p, dvT);
                k.softmaxBackward(rows, p, dp);
                k.queryGradient(rows, dp, in + head + tile.keys(), dIn + head + tile.qkvRow(row));
                k.keyGradient(rows, first, q, dp, dkT);
            }
            k.transpose(dkT, dIn + head + tile.keys());
            k.transpose(dvT, dIn + head + tile.values());
        });
    }

    private static long address(Buffer b) {
        return ((CpuBuffer) b).address();
    }
}
