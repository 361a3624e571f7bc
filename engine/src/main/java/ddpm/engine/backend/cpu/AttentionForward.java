package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_exp;

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

    AttentionForward(AttentionTile tile, Worker worker) {
        this.tile = tile;
        this.worker = worker;
        this.heads = tile.heads();
        this.tokens = tile.tokens();
        this.d = tile.headDim();
        this.weights = worker.natives(0, tile.scores());
        this.sums = worker.natives(1, tile.operand(d + 1));
    }

    /** @param qkv in, [N,T,3C] @param y out, [N,T,C] @param state out, [N,h,T] */
    void run(long image, CpuBuffer qkv, CpuBuffer y, CpuBuffer state) {
        AttentionOperands operands = new AttentionOperands(tile);
        float[] rows = AttentionOperands.read(worker, 0, qkv, image, tokens, tile.packed());
        float[] out = worker.floats(1, tile.operand(d + 1));
        operands.transpose(rows, 0, tile.packed(), tile.scale(), out);
        CpuBuffer qT = worker.natives(2, out, tile.operand(d));
        operands.transposeWithRow(rows, 2 * tile.width(), tile.packed(), 1, 1, out);
        CpuBuffer vT = worker.natives(3, out, tile.operand(d + 1));

        float[] result = worker.floats(0, tokens * tile.width());
        float[] logSums = worker.floats(2, tile.allHeads() * tokens);
        long keys = image * tokens * tile.packed() + tile.width();
        for (int head = 0; head < tile.allHeads(); head += heads) {
            long k = qkv.address(keys + head * d);
            for (int row = 0; row < tokens; row += tile.rows()) {
                long q = qT.address((long) head * d * tokens + row);
                long v = vT.address((long) head * (d + 1) * tokens);
                block(tile.rowsFrom(row), k, q, v, head, row, result, logSums);
            }
        }
        y.floats().put((int) image * tokens * tile.width(), result, 0, tokens * tile.width());
        int queries = tile.allHeads() * tokens;
        state.floats().put((int) image * queries, logSums, 0, queries);
    }

    private void block(int rows, long k, long q, long v, int head, int row, float[] result, float[] logSums) {
        AttentionProducts.Forward p = AttentionProducts.Forward.of(worker.context(), tile, rows);
        float[] sum = worker.floats(3, heads * (d + 1) * rows);
        float[] shift = worker.floats(4, heads * rows);
        Arrays.fill(shift, 0, heads * rows, 0f);
        p.weights().run(k, q, weights.address());
        values(p, rows, v, sum);
        if (!inBounds(sum, rows)) {
            p.scores().run(k, q, weights.address());
            subtractLargest(weights.floats(), rows, shift);
            Eltwise.forward(worker.context(), dnnl_eltwise_exp, 0, (long) heads * tokens * rows)
                    .run(weights.address(), weights.address());
            values(p, rows, v, sum);
        }
        for (int h = 0; h < heads; h++) {
            finish(rows, h * (d + 1) * rows, sum, h * rows, shift, head + h, row, result, logSums);
        }
    }

    /** sum[h,d+1,rows] = weights times (value, 1). */
    private void values(AttentionProducts.Forward p, int rows, long v, float[] sum) {
        p.values().run(v, weights.address(), sums.address());
        sums.floats().get(0, sum, 0, heads * (d + 1) * rows);
    }

    private boolean inBounds(float[] sum, int rows) {
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

    /** Takes the largest score of each query, a column of scores[h,T,rows], off that column. */
    private void subtractLargest(FloatBuffer scores, int rows, float[] largest) {
        float[] part = worker.floats(5, rows);
        float[] best = worker.floats(6, rows);
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
            System.arraycopy(best, 0, largest, h * rows, rows);
        }
    }

    /** One head's sums [d+1,rows], divided by the last row, to rows of result[T,C]; shift + log of it to logSums[h,T]. */
    private void finish(
            int rows,
            int at,
            float[] sum,
            int shiftAt,
            float[] shift,
            int head,
            int row,
            float[] result,
            float[] logSums) {
        int width = tile.width();
        for (int r = 0; r < rows; r++) {
            float total = sum[at + d * rows + r];
            float inverse = 1 / total;
            int to = (row + r) * width + head * d;
            for (int c = 0; c < d; c++) {
                result[to + c] = sum[at + c * rows + r] * inverse;
            }
            logSums[head * tokens + row + r] = (float) (shift[shiftAt + r] + Math.log(total));
        }
    }
}
