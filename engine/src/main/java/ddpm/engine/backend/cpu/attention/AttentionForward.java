package ddpm.engine.backend.cpu.attention;

import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_exp;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.onednn.Eltwise;
import ddpm.engine.backend.cpu.team.Worker;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Attention of one image on one core. */
final class AttentionForward {
    /**
     * exp is first taken of the scores as they are. Sums between these bounds say that nothing overflowed or vanished: what
     * is lost below the smallest float is 2^-60 of the sum. Others are computed again less the largest score.
     */
    private static final float LARGEST_SUM = 0x1p60f;

    private static final float SMALLEST_SUM = 0x1p-60f;

    private final AttentionTile tile;
    private final Worker worker;
    private final int heads; // at a time
    private final int tokens;
    private final int d;
    private final CpuBuffer weights;
    private final CpuBuffer sums;
    private final float[] sum; // of a block: [heads,d+1,rows]
    private final float[] shift; // what is taken off a query's scores: [heads,rows]
    private final float[] result; // of the image: [T,C]
    private final float[] logSums; // of the image: [all heads,T]

    AttentionForward(AttentionTile tile, Worker worker) {
        this.tile = tile;
        this.worker = worker;
        this.heads = tile.heads();
        this.tokens = tile.tokens();
        this.d = tile.headDim();
        this.weights = worker.natives(0, tile.scores());
        this.sums = worker.natives(1, tile.operand(d + 1));
        this.sum = worker.floats(2, heads * (d + 1) * tile.rows());
        this.shift = worker.floats(3, heads * tile.rows());
        this.result = worker.floats(4, tokens * tile.width());
        this.logSums = worker.floats(5, tile.allHeads() * tokens);
    }

    /** @param qkv in, [N,T,3C], stored as the tile says @param y out, [N,T,C], likewise @param state out, [N,h,T], F32 */
    void run(long image, CpuBuffer qkv, CpuBuffer y, CpuBuffer state) {
        AttentionOperands operands = new AttentionOperands(tile);
        AttentionImage in = AttentionImage.of(worker, 8, tile.stored(), qkv, image, tokens * tile.packed());
        float[] rows = in.read(worker, 0);
        float[] out = worker.floats(1, tile.operand(d + 1));
        operands.transpose(rows, 0, tile.packed(), tile.scale(), out);
        CpuBuffer qT = worker.natives(2, out, tile.operand(d));
        operands.transposeWithRow(rows, 2 * tile.width(), tile.packed(), 1, 1, out);
        CpuBuffer vT = worker.natives(3, out, tile.operand(d + 1));

        for (int head = 0; head < tile.allHeads(); head += heads) {
            long k = in.address(tile.width() + (long) head * d);
            for (int row = 0; row < tokens; row += tile.rows()) {
                long q = qT.address((long) head * d * tokens + row);
                long v = vT.address((long) head * (d + 1) * tokens);
                block(tile.rowsFrom(row), k, q, v);
                for (int h = 0; h < heads; h++) {
                    finish(tile.rowsFrom(row), h, head + h, row);
                }
            }
        }
        AttentionImage.write(worker, 9, result, tokens * tile.width(), tile.stored(), y, image);
        int queries = tile.allHeads() * tokens;
        AttentionImage.write(worker, 9, logSums, queries, Precision.FP32, state, image);
    }

    /** The block's sums and shifts. */
    private void block(int rows, long k, long q, long v) {
        AttentionProducts.Forward p = AttentionProducts.Forward.of(worker.context(), tile, rows);
        Arrays.fill(shift, 0, heads * rows, 0f);
        p.weights().run(k, q, weights.address());
        values(p, rows, v);
        if (!inBounds(rows)) {
            p.scores().run(k, q, weights.address());
            subtractLargest(weights.floats(), rows);
            Eltwise.forward(worker.context(), dnnl_eltwise_exp, 0, (long) heads * tokens * rows)
                    .run(weights.address(), weights.address());
            values(p, rows, v);
        }
    }

    /** sum[h,d+1,rows] = weights times (value, 1). */
    private void values(AttentionProducts.Forward p, int rows, long v) {
        p.values().run(v, weights.address(), sums.address());
        sums.floats().get(0, sum, 0, heads * (d + 1) * rows);
    }

    private boolean inBounds(int rows) {
        for (int h = 0; h < heads; h++) {
            int at = (h * (d + 1) + d) * rows;
            for (int r = at; r < at + rows; r++) {
                if (!(sum[r] >= SMALLEST_SUM && sum[r] <= LARGEST_SUM)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Takes the largest score of each query, a column of scores[h,T,rows], off that column: its shift. */
    private void subtractLargest(FloatBuffer scores, int rows) {
        float[] part = worker.floats(6, rows);
        float[] best = worker.floats(7, rows);
        for (int h = 0; h < heads; h++) {
            int head = h * tokens * rows;
            Arrays.fill(best, 0, rows, Float.NEGATIVE_INFINITY);
            for (int t = 0; t < tokens; t++) {
                scores.get(head + t * rows, part, 0, rows);
                for (int r = 0; r < rows; r++) {
                    best[r] = Math.max(best[r], part[r]);
                }
            }
            for (int t = 0; t < tokens; t++) {
                scores.get(head + t * rows, part, 0, rows);
                for (int r = 0; r < rows; r++) {
                    part[r] -= best[r];
                }
                scores.put(head + t * rows, part, 0, rows);
            }
            System.arraycopy(best, 0, shift, h * rows, rows);
        }
    }

    /** Head number h of the block, {@code head} of the image: sums by their last row to the result, and its logarithm. */
    private void finish(int rows, int h, int head, int row) {
        int at = h * (d + 1) * rows;
        for (int r = 0; r < rows; r++) {
            float total = sum[at + d * rows + r];
            float inverse = 1 / total;
            int to = (row + r) * tile.width() + head * d;
            for (int c = 0; c < d; c++) {
                result[to + c] = sum[at + c * rows + r] * inverse;
            }
            logSums[head * tokens + row + r] = (float) (shift[h * rows + r] + Math.log(total));
        }
    }
}
