package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.address;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MatmulOps.Linear;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import ddpm.engine.backend.cpu.onednn.MatmulPrimitive;
import ddpm.engine.backend.cpu.onednn.MatmulPrimitive.Then;
import ddpm.engine.backend.cpu.onednn.StridedCopy;
import ddpm.engine.backend.cpu.team.Blocks;
import ddpm.engine.backend.cpu.team.PartialSums;
import ddpm.engine.backend.cpu.team.Split;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;
import java.nio.ShortBuffer;

/** Linear layers whose x is stored in bf16: weights are rounded once for all threads, dy a chunk of rows at a time. */
final class RoundedLinear {
    /** Elements of a chunk of dy: rounded, it stays in the core's cache for both of its products. */
    private static final long CHUNK = 1 << 18;

    private static final short ONE = 0x3f80; // 1 in bf16

    private final Workers workers;
    private final CpuMemory memory;
    private final Blocks blocks;

    RoundedLinear(Workers workers, CpuMemory memory) {
        this.workers = workers;
        this.memory = memory;
        this.blocks = new Blocks(workers);
    }

    /** w in bf16; the caller frees it. */
    CpuBuffer weights(Linear g, Buffer w) {
        CpuBuffer rounded = memory.allocate(g.in() * g.out() * Short.BYTES);
        StridedCopy.round(workers.caller().context(), g.in() * g.out(), address(w), rounded.address());
        return rounded;
    }

    /** @param dx, dw, db out, or null @param smallest rows of a thread's share */
    void backward(Linear g, Buffer x, Buffer w, Buffer dy, Buffer dx, Buffer dw, Buffer db, long smallest) {
        Split parts = Split.of(g.rows(), workers.threads(), smallest);
        CpuBuffer weights = dx == null ? null : weights(g, w);
        PartialSums dws = dw == null ? null : new PartialSums(memory, dw, g.in() * g.out(), parts.count());
        PartialSums dbs = db == null ? null : new PartialSums(memory, db, g.out(), parts.count());
        workers.forEach(parts.count(), (worker, i) -> {
            Split chunks = Split.atMost(parts.length(i), Math.max(1, CHUNK / g.out()));
            for (int k = 0; k < chunks.count(); k++) {
                long from = parts.from(i) + chunks.from(k);
                long rows = chunks.length(k);
                long d = operand(worker, g, (CpuBuffer) dy, from, rows);
                Then sum = k == 0 ? Then.NOTHING : Then.Y;
                if (dws != null) {
                    Matmul product = new Matmul(g.out(), rows, g.in(), true, false);
                    run(worker, product, sum, d, bf16(x, from * g.in()), dws.address(i));
                }
                if (dbs != null) {
                    run(worker, new Matmul(1, rows, g.out(), false, false), sum, ones(worker, rows), d, dbs.address(i));
                }
                if (dx != null) {
                    Matmul product = new Matmul(rows, g.out(), g.in(), false, false);
                    run(worker, product, Then.NOTHING, d, weights.address(), ((CpuBuffer) dx).address(from * g.in()));
                }
            }
        });
        if (dws != null) {
            dws.addUp(blocks);
        }
        if (dbs != null) {
            dbs.addUp(blocks);
        }
        if (dx != null) {
            memory.free(weights);
        }
    }

    /** Rows of dy in bf16: where they lie, or rounded in scratch memory. */
    private static long operand(Worker w, Linear g, CpuBuffer dy, long from, long rows) {
        if (g.y() == Precision.BF16) {
            return bf16(dy, from * g.out());
        }
        CpuBuffer rounded = w.natives(0, (rows * g.out() + 1) / 2);
        StridedCopy.round(w.context(), rows * g.out(), dy.address(from * g.out()), rounded.address());
        return rounded.address();
    }

    /** The row of ones whose product with dy is the sum of its rows. */
    private static long ones(Worker w, long count) {
        CpuBuffer ones = w.natives(1, (count + 1) / 2);
        ShortBuffer to = ones.view().asShortBuffer();
        for (int i = 0; i < count; i++) {
            to.put(i, ONE);
        }
        return ones.address();
    }

    private static void run(Worker w, Matmul g, Then then, long a, long b, long y) {
        new MatmulPrimitive(g, Precision.BF16, Precision.FP32, Precision.BF16, then)
                .in(w.context())
                .run(a, b, y);
    }

    private static long bf16(Buffer x, long at) {
        return address(x) + at * Short.BYTES;
    }
}
