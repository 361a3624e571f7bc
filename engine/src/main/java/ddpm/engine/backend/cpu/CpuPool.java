package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.ints;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.PoolOps;
import ddpm.engine.backend.PoolOps.Pool;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Windows of images, one row of windows at a time and backward one row of pixels: their sums are in the order of the contract
 * whoever makes them. oneDNN's pooling leaves NaN out of its maxima, and a loss that is not a number must stop a run.
 */
final class CpuPool implements PoolOps {
    private static final int INFINITY = 0x7f800000; // bits of a float; above them, without the sign, are NaN
    private static final int NAN = 0x7fc00000;

    private final Workers workers;

    CpuPool(Workers workers) {
        this.workers = workers;
    }

    /** The extents of one row as ints. */
    private record Row(int c, int wx, int wy, int rows, int columns, int down, int across) {
        static Row of(Pool g) {
            return new Row(
                    (int) g.x().c(),
                    (int) g.x().w(),
                    (int) g.y().w(),
                    (int) g.window().h(),
                    (int) g.window().w(),
                    (int) g.stride().h(),
                    (int) g.stride().w());
        }

        int x() {
            return wx * c;
        }

        int y() {
            return wy * c;
        }
    }

    private interface RowOfWindows {
        /** @param x number of the first row of pixels @param y number of the row of windows, over all images */
        void run(Worker worker, int x, int y);
    }

    private void forEachRow(Pool g, RowOfWindows body) {
        int rows = (int) g.y().h();
        workers.forEach(g.x().n() * rows, (w, item) -> {
            int image = (int) item / rows;
            body.run(w, (int) (image * g.x().h() + item % rows * g.stride().h()), (int) item);
        });
    }

    @Override
    public void max(Pool g, Buffer x, Buffer y, Buffer place) {
        Row row = Row.of(g);
        int n = row.y();
        forEachRow(g, (w, from, to) -> {
            int[] in = w.ints(0, row.x());
            int[] next = w.ints(1, n);
            int[] best = w.ints(2, n);
            int[] where = w.ints(3, n);
            Arrays.fill(best, 0, n, Integer.MIN_VALUE);
            for (int k = 0; k < row.rows(); k++) {
                ints(x).get((from + k) * row.x(), in, 0, row.x());
                toOrdered(in, row.x());
                for (int l = 0; l < row.columns(); l++) {
                    gather(row, in, l, next);
                    larger(next, k * row.columns() + l, best, where, n);
                }
            }
            fromOrdered(best, n);
            ints(y).put(to * n, best, 0, n);
            byte[] places = w.bytes(n);
            for (int i = 0; i < n; i++) {
                places[i] = (byte) where[i];
            }
            bytes(place).put(to * n, places, 0, n);
        });
    }

    /**
     * Bits of floats become ints of the same order, NaN the largest. Loops over ints with one index are vectorised, those that choose
     * by comparing floats are not.
     */
    private static void toOrdered(int[] bits, int n) {
        for (int i = 0; i < n; i++) {
            int b = bits[i];
            int nan = INFINITY - (b & Integer.MAX_VALUE) >> 31; // all ones, or 0
            bits[i] = (b ^ (b >> 31 & Integer.MAX_VALUE)) & ~nan | NAN & nan;
        }
    }

    /** The way back from {@link #toOrdered}. */
    private static void fromOrdered(int[] ordered, int n) {
        for (int i = 0; i < n; i++) {
            ordered[i] ^= ordered[i] >> 31 & Integer.MAX_VALUE;
        }
    }

    /** Column {@code l} of each window of a row. */
    private static void gather(Row g, int[] row, int l, int[] to) {
        int c = g.c();
        for (int j = 0; j < g.wy(); j++) {
            System.arraycopy(row, (j * g.across() + l) * c, to, j * c, c);
        }
    }

    /**
     * Where next is larger it becomes the best, and {@code here} the place. The sign of the first line is best &lt; next without a
     * comparison, Warren, Hacker's Delight, section 2-12.
     */
    private static void larger(int[] next, int here, int[] best, int[] where, int n) {
        for (int i = 0; i < n; i++) {
            int less = (best[i] & ~next[i] | (best[i] ^ ~next[i]) & best[i] - next[i]) >> 31; // all ones, or 0
            where[i] = where[i] & ~less | here & less;
            best[i] = best[i] & ~less | next[i] & less;
        }
    }

    @Override
    public void mean(Pool g, Buffer x, Buffer y) {
        Row row = Row.of(g);
        int c = row.c();
        forEachRow(g, (w, from, to) -> {
            float[] in = w.floats(0, row.x());
            float[] sum = w.floats(1, row.y());
            Arrays.fill(sum, 0, row.y(), 0f);
            for (int k = 0; k < row.rows(); k++) {
                floats(x).get((from + k) * row.x(), in, 0, row.x());
                for (int l = 0; l < row.columns(); l++) {
                    for (int j = 0; j < row.wy(); j++) {
                        int at = (j * row.across() + l) * c;
                        for (int i = 0; i < c; i++) {
                            sum[j * c + i] += in[at + i];
                        }
                    }
                }
            }
            scale(sum, row.y(), g.share());
            floats(y).put(to * row.y(), sum, 0, row.y());
        });
    }

    private interface RowOfPixels {
        /**
         * Adds what a row of windows says to the gradient of a row of pixels.
         *
         * @param k row of the windows that this row of pixels is
         * @param y number of the row of windows, over all images
         */
        void run(Worker worker, float[] dx, int k, int y);
    }

    private void forEachRow(Pool g, Buffer dx, float factor, RowOfPixels body) {
        int length = Row.of(g).x();
        int rows = (int) g.x().h();
        workers.forEach(g.x().n() * rows, (w, item) -> {
            int image = (int) item / rows;
            int h = (int) item % rows;
            float[] sum = w.floats(0, length);
            Arrays.fill(sum, 0, length, 0f);
            for (int i = (int) g.first(h); i <= g.last(h); i++) {
                body.run(w, sum, h - i * (int) g.stride().h(), (int) (image * g.y().h()) + i);
            }
            scale(sum, length, factor);
            floats(dx).put((int) item * length, sum, 0, length);
        });
    }

    @Override
    public void maxBackward(Pool g, Buffer place, Buffer dy, Buffer dx) {
        if (g.window().h() <= g.stride().h()) {
            maxBackwardApart(g, place, dy, dx);
            return;
        }
        Row row = Row.of(g);
        int c = row.c();
        forEachRow(g, dx, 1, (w, sum, k, from) -> {
            float[] slope = w.floats(1, row.y());
            byte[] where = w.bytes(row.y());
            floats(dy).get(from * row.y(), slope, 0, row.y());
            bytes(place).get(from * row.y(), where, 0, row.y());
            int first = k * row.columns();
            for (int j = 0; j < row.wy(); j++) {
                int at = j * row.across() * c;
                for (int i = 0; i < c; i++) {
                    int l = (where[j * c + i] & 0xff) - first;
                    if (l >= 0 && l < row.columns()) {
                        sum[at + l * c + i] += slope[j * c + i];
                    }
                }
            }
        });
    }

    /** Of windows in rows that share no pixel: each row of windows has rows of pixels of its own, up to the next. */
    private void maxBackwardApart(Pool g, Buffer place, Buffer dy, Buffer dx) {
        Row row = Row.of(g);
        int c = row.c();
        int[] offsets = new int[row.rows() * row.columns()];
        for (int at = 0; at < offsets.length; at++) {
            offsets[at] = at / row.columns() * row.x() + at % row.columns() * c;
        }
        int last = (int) g.y().h() - 1;
        forEachRow(g, (w, from, to) -> {
            boolean rest = to % (last + 1) == last;
            int length = row.x() * (rest ? (int) g.x().h() - last * row.down() : row.down());
            float[] sum = w.floats(0, length);
            float[] slope = w.floats(1, row.y());
            byte[] where = w.bytes(row.y());
            Arrays.fill(sum, 0, length, 0f);
            floats(dy).get(to * row.y(), slope, 0, row.y());
            bytes(place).get(to * row.y(), where, 0, row.y());
            for (int j = 0; j < row.wy(); j++) {
                int at = j * row.across() * c;
                for (int i = 0; i < c; i++) {
                    sum[at + i + offsets[where[j * c + i] & 0xff]] += slope[j * c + i];
                }
            }
            floats(dx).put(from * row.x(), sum, 0, length);
        });
    }

    @Override
    public void meanBackward(Pool g, Buffer dy, Buffer dx) {
        Row row = Row.of(g);
        int c = row.c();
        forEachRow(g, dx, g.share(), (w, sum, k, from) -> {
            float[] slope = w.floats(1, row.y());
            floats(dy).get(from * row.y(), slope, 0, row.y());
            for (int j = 0; j < row.wy(); j++) {
                for (int l = 0; l < row.columns(); l++) {
                    int at = (j * row.across() + l) * c;
                    for (int i = 0; i < c; i++) {
                        sum[at + i] += slope[j * c + i];
                    }
                }
            }
        });
    }

    private static void scale(float[] values, int length, float factor) {
        for (int i = 0; i < length; i++) {
            values[i] *= factor;
        }
    }

    private static ByteBuffer bytes(Buffer b) {
        return ((CpuBuffer) b).view();
    }
}
