package ddpm.engine.backend.cpu.attention;

import java.util.Arrays;

/**
 * One image's queries, keys and values in the layouts that multiply fast: a transpose, or rows with one more column, for
 * each head. Images come in arrays, see {@link AttentionImage}.
 */
final class AttentionOperands {
    /** Tokens that are transposed together: a loop that writes one float at a time takes half as long again. */
    private static final int BLOCK = 8;

    private final AttentionTile tile;
    private final int heads;
    private final int tokens;
    private final int d;

    AttentionOperands(AttentionTile tile) {
        this.tile = tile;
        this.heads = tile.allHeads();
        this.tokens = tile.tokens();
        this.d = tile.headDim();
    }

    /** rows[T,stride] from column {@code at} on, times {@code factor}, as [h,d,T]. */
    void transpose(float[] rows, int at, int stride, float factor, float[] out) {
        transpose(rows, at, stride, factor, d, out);
    }

    /** As {@link #transpose} with one more row, all {@code last}, for each head: [h,d+1,T]. */
    void transposeWithRow(float[] rows, int at, int stride, float factor, float last, float[] out) {
        transpose(rows, at, stride, factor, d + 1, out);
        for (int h = 0; h < heads; h++) {
            int to = (h * (d + 1) + d) * tokens;
            Arrays.fill(out, to, to + tokens, last);
        }
    }

    private void transpose(float[] rows, int at, int stride, float factor, int rowsPerHead, float[] out) {
        for (int h = 0; h < heads; h++) {
            int from = at + h * d;
            int to = h * rowsPerHead * tokens;
            int t = 0;
            for (; t + BLOCK <= tokens; t += BLOCK) {
                transposeBlock(rows, from + t * stride, stride, factor, out, to + t);
            }
            for (; t < tokens; t++) {
                for (int c = 0; c < d; c++) {
                    out[to + t + c * tokens] = factor * rows[from + t * stride + c];
                }
            }
        }
    }

    private void transposeBlock(float[] rows, int from, int stride, float factor, float[] out, int to) {
        for (int c = 0; c < d; c++) {
            int i = from + c;
            int o = to + c * tokens;
            out[o] = factor * rows[i];
            out[o + 1] = factor * rows[i + stride];
            out[o + 2] = factor * rows[i + 2 * stride];
            out[o + 3] = factor * rows[i + 3 * stride];
            out[o + 4] = factor * rows[i + 4 * stride];
            out[o + 5] = factor * rows[i + 5 * stride];
            out[o + 6] = factor * rows[i + 6 * stride];
            out[o + 7] = factor * rows[i + 7 * stride];
        }
    }

    /** rows[T,stride] with {@code last[h,T]} as one more column: [h,T,d+1]. */
    void withColumn(float[] rows, int stride, float[] last, float[] out) {
        for (int h = 0; h < heads; h++) {
            for (int t = 0; t < tokens; t++) {
                int to = (h * tokens + t) * (d + 1);
                int from = t * stride + h * d;
                for (int c = 0; c < d; c++) {
                    out[to + c] = rows[from + c];
                }
                out[to + d] = last[h * tokens + t];
            }
        }
    }

    /** out[h,T] = - sum over a head's columns of a[T,C] * b[T,C]. */
    void negativeDots(float[] a, float[] b, float[] out) {
        for (int h = 0; h < heads; h++) {
            for (int t = 0; t < tokens; t++) {
                int from = t * tile.width() + h * d;
                float sum = 0;
                for (int c = 0; c < d; c++) {
                    sum += a[from + c] * b[from + c];
                }
                out[h * tokens + t] = -sum;
            }
        }
    }

    /** [C,T] to rows[T,stride] from column {@code at} on. */
    void transposeBack(float[] columns, float[] rows, int at, int stride) {
        int c = 0;
        for (; c + BLOCK <= tile.width(); c += BLOCK) {
            transposeBackBlock(columns, c * tokens, rows, at + c, stride);
        }
        for (; c < tile.width(); c++) {
            for (int t = 0; t < tokens; t++) {
                rows[t * stride + at + c] = columns[c * tokens + t];
            }
        }
    }

    private void transposeBackBlock(float[] columns, int from, float[] rows, int to, int stride) {
        for (int t = 0; t < tokens; t++) {
            int i = from + t;
            int o = to + t * stride;
            rows[o] = columns[i];
            rows[o + 1] = columns[i + tokens];
            rows[o + 2] = columns[i + 2 * tokens];
            rows[o + 3] = columns[i + 3 * tokens];
            rows[o + 4] = columns[i + 4 * tokens];
            rows[o + 5] = columns[i + 5 * tokens];
            rows[o + 6] = columns[i + 6 * tokens];
            rows[o + 7] = columns[i + 7 * tokens];
        }
    }
}
