package ddpm.engine.backend.cpu.team;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;

import ddpm.engine.backend.Buffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Loops over matrices whose rows are short vectors of channels.
 *
 * <p>The compiler vectorises a loop only if it is long and all its arrays have the same index: {@code s[i] += x[at + i]}
 * runs at a third of the speed of {@code s[i] += x[i]}. So coefficients are repeated to a period of whole rows, at least
 * {@link #PERIOD} long, and the tensor is copied into an array one period at a time, which costs next to nothing.
 */
public final class Rows {
    /** Shortest inner loop, in elements. */
    private static final int PERIOD = 1024;
    /** Elements of a block that is summed on its own; fixed, so that sums do not depend on the number of threads. */
    private static final int BLOCK = 1 << 16;

    private final Workers workers;

    public Rows(Workers workers) {
        this.workers = workers;
    }

    /** The length of a row of {@code columns} repeated to at least {@link #PERIOD}. */
    public static int period(int columns) {
        return columns * ((PERIOD + columns - 1) / columns);
    }

    /** Repeats the first {@code columns} elements of {@code row} up to {@code length}. */
    public static void repeat(float[] row, int columns, int length) {
        for (int done = columns; done < length; done += Math.min(done, length - done)) {
            System.arraycopy(row, 0, row, done, Math.min(done, length - done));
        }
    }

    /** Adds element i, i + columns, i + 2 columns, .. of {@code sums} into element i. */
    public static void fold(float[] sums, int columns, int length) {
        for (int at = columns; at < length; at += columns) {
            for (int c = 0; c < columns; c++) {
                sums[c] += sums[at + c];
            }
        }
    }

    /** sums[i mod period] += x[at + i] for i &lt; length; {@code part} is scratch of one period. */
    public static void accumulate(FloatBuffer x, int at, int length, float[] part, float[] sums, int period) {
        for (int done = 0; done < length; done += period) {
            int n = Math.min(period, length - done);
            x.get(at + done, part, 0, n);
            for (int i = 0; i < n; i++) {
                sums[i] += part[i];
            }
        }
    }

    /** y[n,c] = sum over r of x[n,r,c]. @param x in, [count,rows,columns] @param y out, [count,columns] */
    public void sum(long count, long rows, long columns, Buffer x, Buffer y) {
        int c = (int) columns;
        int period = period(c);
        long rowsPerBlock = Math.max(1, BLOCK / columns);
        int blocks = (int) ((rows + rowsPerBlock - 1) / rowsPerBlock);
        float[] partial = new float[(int) count * blocks * c];
        FloatBuffer in = floats(x);
        workers.forEach(count * blocks, (w, item) -> {
            long first = item % blocks * rowsPerBlock;
            int length = (int) (Math.min(rowsPerBlock, rows - first) * c);
            float[] sums = w.floats(0, period);
            Arrays.fill(sums, 0, period, 0f);
            accumulate(in, (int) ((item / blocks * rows + first) * c), length, w.floats(1, period), sums, period);
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
        floats(y).put(0, out, 0, out.length);
    }

    /** y[n,r,c] = x[n,r,c] + b[n,c]. @param x in, [count,rows,columns] @param b in, [count,columns] */
    public void add(long count, long rows, long columns, Buffer x, Buffer b, Buffer y) {
        int c = (int) columns;
        int period = period(c);
        int length = (int) (rows * columns);
        FloatBuffer in = floats(x);
        FloatBuffer bias = floats(b);
        FloatBuffer out = floats(y);
        workers.forEach(count, (w, image) -> {
            float[] row = w.floats(0, period);
            bias.get((int) image * c, row, 0, c);
            repeat(row, c, period);
            float[] part = w.floats(1, period);
            int at = (int) image * length;
            for (int done = 0; done < length; done += period) {
                int n = Math.min(period, length - done);
                in.get(at + done, part, 0, n);
                for (int i = 0; i < n; i++) {
                    part[i] += row[i];
                }
                out.put(at + done, part, 0, n);
            }
        });
    }
}
