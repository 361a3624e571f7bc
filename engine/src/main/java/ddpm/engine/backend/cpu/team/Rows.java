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
        FloatBuffer in = floats(x);
        sum(
                count,
                rows,
                (int) columns,
                y,
                (w, at, length, sums, period) -> accumulate(in, at, length, w.floats(1, period), sums, period));
    }

    /** y[n,c] = sum over r of u[n,r,c] * v[n,r,c]. @param u, v in, [count,rows,columns] @param y out, [count,columns] */
    public void sumProducts(long count, long rows, long columns, Buffer u, Buffer v, Buffer y) {
        FloatBuffer left = floats(u);
        FloatBuffer right = floats(v);
        sum(count, rows, (int) columns, y, (w, at, length, sums, period) -> {
            float[] a = w.floats(1, period);
            float[] b = w.floats(2, period);
            for (int done = 0; done < length; done += period) {
                int n = Math.min(period, length - done);
                left.get(at + done, a, 0, n);
                right.get(at + done, b, 0, n);
                for (int i = 0; i < n; i++) {
                    sums[i] += a[i] * b[i];
                }
            }
        });
    }

    private interface Summands {
        /** sums[i mod period] += element at + i for i &lt; length. */
        void addTo(Worker w, int at, int length, float[] sums, int period);
    }

    private void sum(long count, long rows, int c, Buffer y, Summands summands) {
        int period = period(c);
        long rowsPerBlock = rowsPerBlock(c);
        int blocks = (int) ((rows + rowsPerBlock - 1) / rowsPerBlock);
        float[] partial = new float[(int) count * blocks * c];
        workers.forEach(count * blocks, (w, item) -> {
            long first = item % blocks * rowsPerBlock;
            int length = (int) (Math.min(rowsPerBlock, rows - first) * c);
            float[] sums = w.floats(0, period);
            Arrays.fill(sums, 0, period, 0f);
            summands.addTo(w, (int) ((item / blocks * rows + first) * c), length, sums, period);
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

    private static long rowsPerBlock(int columns) {
        return Math.max(1, BLOCK / columns);
    }

    /** What {@link #combine} makes of a period: part[i] of itself and row[i]. */
    public interface Step {
        void of(float[] part, float[] row, int n);
    }

    /** y[n,r,c] = step of x[n,r,c] and b[n,c]. @param x in, [count,rows,columns] @param b in, [count,columns] */
    public void combine(long count, long rows, long columns, Buffer x, Buffer b, Buffer y, Step step) {
        int c = (int) columns;
        int period = period(c);
        long rowsPerBlock = rowsPerBlock(c);
        long blocks = (rows + rowsPerBlock - 1) / rowsPerBlock;
        FloatBuffer in = floats(x);
        FloatBuffer vectors = floats(b);
        FloatBuffer out = floats(y);
        workers.forEach(count * blocks, (w, item) -> {
            float[] row = w.floats(0, period);
            vectors.get((int) (item / blocks) * c, row, 0, c);
            repeat(row, c, period);
            float[] part = w.floats(1, period);
            long first = item % blocks * rowsPerBlock;
            int at = (int) ((item / blocks * rows + first) * c);
            int length = (int) (Math.min(rowsPerBlock, rows - first) * c);
            for (int done = 0; done < length; done += period) {
                int n = Math.min(period, length - done);
                in.get(at + done, part, 0, n);
                step.of(part, row, n);
                out.put(at + done, part, 0, n);
            }
        });
    }

    public static void plus(float[] part, float[] row, int n) {
        for (int i = 0; i < n; i++) {
            part[i] += row[i];
        }
    }

    public static void minus(float[] part, float[] row, int n) {
        for (int i = 0; i < n; i++) {
            part[i] -= row[i];
        }
    }

    public static void times(float[] part, float[] row, int n) {
        for (int i = 0; i < n; i++) {
            part[i] *= row[i];
        }
    }

    public static void over(float[] part, float[] row, int n) {
        for (int i = 0; i < n; i++) {
            part[i] /= row[i];
        }
    }
}
