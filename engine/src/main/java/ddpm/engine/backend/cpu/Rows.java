package ddpm.engine.backend.cpu;

import ddpm.engine.backend.Buffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Loops over matrices whose rows are short vectors of channels. The compiler vectorises only loops of some length, so a
 * row of coefficients is repeated until it is at least {@link #PERIOD} long and the loop runs over that; blocks of the
 * tensor are copied into Java arrays, where loops vectorise, and stay in the core's cache meanwhile.
 */
final class Rows {
    /** Shortest inner loop, in elements. */
    static final int PERIOD = 512;
    /** Elements of a block that is summed on its own; fixed, so that sums do not depend on the number of threads. */
    private static final int BLOCK = 1 << 16;

    private final Workers workers;

    Rows(Workers workers) {
        this.workers = workers;
    }

    /** The length of a row of {@code columns} repeated to at least {@link #PERIOD}. */
    static int period(int columns) {
        return columns * ((PERIOD + columns - 1) / columns);
    }

    /** Repeats the first {@code columns} elements of {@code row} up to {@code length}. */
    static void repeat(float[] row, int columns, int length) {
        for (int i = columns; i < length; i++) {
            row[i] = row[i - columns];
        }
    }

    /** Adds element i, i + columns, i + 2 columns, .. of {@code sums} into element i. */
    static void fold(float[] sums, int columns, int length) {
        for (int at = columns; at < length; at += columns) {
            for (int c = 0; c < columns; c++) {
                sums[c] += sums[at + c];
            }
        }
    }

    /** y[n,c] = sum over r of x[n,r,c]. @param x in, [count,rows,columns] @param y out, [count,columns] */
    void sum(long count, long rows, long columns, Buffer x, Buffer y) {
        int c = (int) columns;
        int period = period(c);
        long rowsPerBlock = Math.max(1, BLOCK / columns);
        int blocks = (int) ((rows + rowsPerBlock - 1) / rowsPerBlock);
        float[] partial = new float[(int) count * blocks * c];
        FloatBuffer in = ((CpuBuffer) x).floats();
        workers.forEach(count * blocks, (w, item) -> {
            long first = item % blocks * rowsPerBlock;
            int length = (int) (Math.min(rowsPerBlock, rows - first) * c);
            float[] block = w.floats(0, length);
            in.get((int) ((item / blocks * rows + first) * c), block, 0, length);
            float[] sums = w.floats(1, period);
            Arrays.fill(sums, 0, period, 0f);
            accumulate(block, length, sums, period);
            fold(sums, c, period);
            System.arraycopy(sums, 0, partial, (int) item * c, c);
        });
        float[] out = new float[(int) count * c];
        for (int n = 0; n < count; n++) {
            for (int b = 0; b < blocks; b++) {
                for (int i = 0; i < c; i++) {
                    out[n * c + i] += partial[(n * blocks + b) * c + i];
                }
            }
        }
        ((CpuBuffer) y).floats().put(0, out, 0, out.length);
    }

    /** sums[i mod period] += block[i]. */
    static void accumulate(float[] block, int length, float[] sums, int period) {
        int at = 0;
        for (; at + period <= length; at += period) {
            for (int i = 0; i < period; i++) {
                sums[i] += block[at + i];
            }
        }
        for (int i = 0; at + i < length; i++) {
            sums[i] += block[at + i];
        }
    }

    /** y[n,r,c] = x[n,r,c] + b[n,c]. @param x in, [count,rows,columns] @param b in, [count,columns] */
    void add(long count, long rows, long columns, Buffer x, Buffer b, Buffer y) {
        int c = (int) columns;
        int period = period(c);
        int length = (int) (rows * columns);
        FloatBuffer in = ((CpuBuffer) x).floats();
        FloatBuffer bias = ((CpuBuffer) b).floats();
        FloatBuffer out = ((CpuBuffer) y).floats();
        workers.forEach(count, (w, n) -> {
            float[] row = w.floats(0, period);
            bias.get((int) n * c, row, 0, c);
            repeat(row, c, period);
            float[] block = w.floats(1, length);
            in.get((int) n * length, block, 0, length);
            int at = 0;
            for (; at + period <= length; at += period) {
                for (int i = 0; i < period; i++) {
                    block[at + i] += row[i];
                }
            }
            for (int i = 0; at + i < length; i++) {
                block[at + i] += row[i];
            }
            out.put((int) n * length, block, 0, length);
        });
    }
}
