package ddpm.engine.backend.cpu.team;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import java.util.List;

/** Loops over long vectors, cut into blocks of fixed size: the same cuts, and so the same sums, for any thread count. */
public final class Blocks {
    /** Elements of a block: its few arrays fit the first- or second-level cache. */
    public static final int SIZE = 1 << 14;

    public interface Body {
        void run(Worker worker, int at, int length);
    }

    public interface Summand {
        double run(Worker worker, int at, int length);
    }

    private final Workers workers;

    public Blocks(Workers workers) {
        this.workers = workers;
    }

    /** Of n elements. */
    public static int count(long n) {
        return (int) ((n + SIZE - 1) / SIZE);
    }

    public void forEach(long n, Body body) {
        workers.forEach(count(n), (w, block) -> {
            int at = (int) block * SIZE;
            body.run(w, at, (int) Math.min(SIZE, n - at));
        });
    }

    /** The sum of all blocks' sums, added in order. */
    public double sum(long n, Summand summand) {
        double[] sums = new double[count(n)];
        workers.forEach(sums.length, (w, block) -> {
            int at = (int) block * SIZE;
            sums[(int) block] = summand.run(w, at, (int) Math.min(SIZE, n - at));
        });
        double total = 0;
        for (double s : sums) {
            total += s;
        }
        return total;
    }

    public interface PartOfRow {
        /** @param row number of the row @param at first element, from the beginning of all rows */
        void run(Worker worker, int row, int at, int length);
    }

    /** Rows of equal length, each cut into blocks: a row's cuts do not depend on how many there are. */
    public void forEach(long rows, long length, PartOfRow body) {
        int parts = count(length);
        workers.forEach(rows * parts, (w, item) -> {
            int row = (int) (item / parts);
            int from = (int) (item % parts) * SIZE;
            body.run(w, row, (int) (row * length) + from, (int) Math.min(SIZE, length - from));
        });
    }

    /** The blocks' sums of each row. */
    public double[][] sums(long rows, long length, Summand summand) {
        double[][] sums = new double[(int) rows][count(length)];
        forEach(rows, length, (w, row, at, count) -> {
            int block = (int) (at - row * length) / SIZE;
            sums[row][block] = summand.run(w, at, count);
        });
        return sums;
    }

    /** Adds the second and later vectors to the first, in order. */
    void addUp(long n, List<CpuBuffer> vectors) {
        forEach(n, (w, at, length) -> {
            float[] sum = read(w, 0, vectors.get(0), at, length);
            for (CpuBuffer v : vectors.subList(1, vectors.size())) {
                float[] term = read(w, 1, v, at, length);
                for (int i = 0; i < length; i++) {
                    sum[i] += term[i];
                }
            }
            vectors.get(0).floats().put(at, sum, 0, length);
        });
    }

    /** A copy of part of a buffer in the worker's scratch array. */
    public static float[] read(Worker w, int slot, Buffer b, int at, int length) {
        float[] block = w.floats(slot, SIZE);
        floats(b).get(at, block, 0, length);
        return block;
    }
}
