package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.address;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.backend.MatmulOps.Linear;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import ddpm.engine.backend.cpu.onednn.MatmulPrimitive;
import ddpm.engine.backend.cpu.onednn.MatmulPrimitive.Then;
import ddpm.engine.backend.cpu.team.Blocks;
import ddpm.engine.backend.cpu.team.PartialSums;
import ddpm.engine.backend.cpu.team.Rows;
import ddpm.engine.backend.cpu.team.Split;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;

/** Matrix products by oneDNN's matmul. */
final class CpuMatmul implements MatmulOps {
    /** A thread's share of a product in multiply-adds: below, handing out work costs more than it saves. */
    private static final long SMALLEST_SHARE = 1 << 16;

    private final Workers workers;
    private final CpuMemory memory;
    private final Rows rows;
    private final Blocks blocks;
    private final RoundedLinear rounded;
    private final Precision precision;

    CpuMatmul(Workers workers, CpuMemory memory, Precision precision) {
        this.workers = workers;
        this.memory = memory;
        this.rows = new Rows(workers);
        this.blocks = new Blocks(workers);
        this.rounded = new RoundedLinear(workers, memory);
        this.precision = precision;
    }

    @Override
    public void matmul(Matmul g, Buffer a, Buffer b, Buffer y) {
        if (g.transposeA()) {
            overSum(g, address(a), address(b), y);
        } else {
            overRows(MatmulPrimitive.of(g, precision), address(a), address(b), address(y), 0);
        }
    }

    /** Each thread has some of the matrices; where there are fewer of them than threads, some rows of each. */
    @Override
    public void batchedMatmul(long batch, Matmul g, Buffer a, Buffer b, Buffer y) {
        MatmulPrimitive p = MatmulPrimitive.of(g, precision);
        long aBytes = g.m() * g.k() * Float.BYTES;
        long bBytes = g.k() * g.n() * Float.BYTES;
        long yBytes = g.m() * g.n() * Float.BYTES;
        if (batch < workers.threads() && g.m() > 1 && !g.transposeA()) {
            for (long i = 0; i < batch; i++) {
                overRows(p, address(a) + i * aBytes, address(b) + i * bBytes, address(y) + i * yBytes, 0);
            }
            return;
        }
        Split split = Split.of(batch, workers.threads(), smallest(g.m() * g.k() * g.n()));
        workers.forEach(split.count(), (w, part) -> {
            for (long i = split.from(part); i < split.from(part) + split.length(part); i++) {
                p.in(w.context()).run(address(a) + i * aBytes, address(b) + i * bBytes, address(y) + i * yBytes);
            }
        });
    }

    @Override
    public void linear(Linear g, Buffer x, Buffer w, Buffer b, Buffer y) {
        Matmul product = new Matmul(g.rows(), g.in(), g.out(), false, true);
        MatmulPrimitive p = new MatmulPrimitive(product, g.x(), g.y(), precision, Then.BIAS);
        if (g.x() == Precision.FP32) {
            overRows(p, address(x), address(w), address(y), address(b));
            return;
        }
        CpuBuffer weights = rounded.weights(g, w);
        overRows(p, address(x), weights.address(), address(y), address(b));
        memory.free(weights);
    }

    @Override
    public void linearBackward(Linear g, Buffer x, Buffer w, Buffer dy, Buffer dx, Buffer dw, Buffer db) {
        if (g.x() == Precision.FP32) {
            if (dw != null) {
                overSum(new Matmul(g.out(), g.rows(), g.in(), true, false), address(dy), address(x), dw);
            }
            if (dx != null) {
                matmul(new Matmul(g.rows(), g.out(), g.in(), false, false), dy, w, dx);
            }
            if (db != null) {
                rows.sum(1, g.rows(), g.out(), dy, db);
            }
        } else {
            rounded.backward(g, x, w, dy, dx, dw, db, smallest(g.in() * g.out()));
        }
    }

    /**
     * Each thread has some rows of a and y. A row's result must not depend on how many others there are, or images would
     * change with the batch they are drawn in. oneDNN has a kernel of its own for a single row, which sums in another
     * order, so no part has one row.
     *
     * @param bias 0 for none
     */
    private void overRows(MatmulPrimitive p, long a, long b, long y, long bias) {
        Matmul g = p.geometry();
        if (g.m() == 1) {
            oneRow(p, a, b, y, bias);
            return;
        }
        long parts = Math.max(1, Math.min(workers.threads(), g.m() / Math.max(2, smallest(g.k() * g.n()))));
        workers.forEach(parts, (w, i) -> {
            long from = i * g.m() / parts;
            long count = (i + 1) * g.m() / parts - from;
            run(w, p.rows(count), a + from * p.aRowBytes(), b, y + from * p.yRowBytes(), bias);
        });
    }

    private void run(Worker w, MatmulPrimitive p, long a, long b, long y, long bias) {
        if (bias == 0) {
            p.in(w.context()).run(a, b, y);
        } else {
            p.in(w.context()).run(a, b, y, bias);
        }
    }

    /** The row twice, and one of the results. */
    private void oneRow(MatmulPrimitive p, long a, long b, long y, long bias) {
        CpuBuffer room = memory.allocate(2 * (p.aRowBytes() + p.yRowBytes()));
        try {
            long rows = room.address();
            CpuMemory.copy(p.aRowBytes(), a, rows);
            CpuMemory.copy(p.aRowBytes(), a, rows + p.aRowBytes());
            long results = rows + 2 * p.aRowBytes();
            run(workers.caller(), p.rows(2), rows, b, results, bias);
            CpuMemory.copy(p.yRowBytes(), results, y);
        } finally {
            memory.free(room);
        }
    }

    /** a is [K,M], and K is long (rows of a batch): each thread sums some of it; the sums are added in order. */
    private void overSum(Matmul g, long a, long b, Buffer y) {
        long bRow = g.transposeB() ? 1 : g.n();
        Split split =
                g.transposeB() ? new Split(g.k(), g.k()) : Split.of(g.k(), workers.threads(), smallest(g.m() * g.n()));
        PartialSums sums = new PartialSums(memory, y, g.m() * g.n(), split.count());
        workers.forEach(split.count(), (w, i) -> {
            Matmul part = new Matmul(g.m(), split.length(i), g.n(), true, g.transposeB());
            MatmulPrimitive.of(part, precision)
                    .in(w.context())
                    .run(
                            a + split.from(i) * g.m() * Float.BYTES,
                            b + split.from(i) * bRow * Float.BYTES,
                            sums.address(i));
        });
        sums.addUp(blocks);
    }

    private static long smallest(long multiplyAdds) {
        return Math.max(1, SMALLEST_SHARE / multiplyAdds);
    }
}
