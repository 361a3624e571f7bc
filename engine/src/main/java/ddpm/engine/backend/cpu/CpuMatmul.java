package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Matmul;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.backend.Precision;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Matrix products by oneDNN's matmul; transposes are strides. */
final class CpuMatmul implements MatmulOps {
    private record Key(Matmul geometry, boolean bias) {}

    /** A thread's share of a product in multiply-adds: below, handing out work costs more than it saves. */
    private static final long SMALLEST_SHARE = 1 << 16;

    private final Workers workers;
    private final CpuMemory memory;
    private final Rows rows;
    private final Blocks blocks;
    private final Precision precision;

    CpuMatmul(Workers workers, CpuMemory memory, Precision precision) {
        this.workers = workers;
        this.memory = memory;
        this.rows = new Rows(workers);
        this.blocks = new Blocks(workers);
        this.precision = precision;
    }

    @Override
    public void matmul(Matmul g, Buffer a, Buffer b, Buffer y) {
        if (g.transposeA()) {
            overSum(g, address(a), address(b), (CpuBuffer) y);
        } else {
            overRows(g, address(a), address(b), address(y), 0);
        }
    }

    @Override
    public void matmulBias(Matmul g, Buffer a, Buffer b, Buffer bias, Buffer y) {
        if (g.transposeA()) {
            throw new UnsupportedOperationException("a bias is only added to products of plain rows");
        }
        overRows(g, address(a), address(b), address(y), address(bias));
    }

    /**
     * Each thread has some rows of a and y. A row's result must not depend on how many others there are, or images would
     * change with the batch they are drawn in. oneDNN has a kernel of its own for a single row, which sums in another
     * order, so no part has one row.
     *
     * @param bias 0 for none
     */
    private void overRows(Matmul g, long a, long b, long y, long bias) {
        if (g.m() == 1) {
            oneRow(g, a, b, y, bias);
            return;
        }
        long parts = Math.max(1, Math.min(workers.threads(), g.m() / Math.max(2, smallest(g.k() * g.n()))));
        workers.forEach(parts, (w, i) -> {
            long from = i * g.m() / parts;
            long count = (i + 1) * g.m() / parts - from;
            Matmul part = new Matmul(count, g.k(), g.n(), false, g.transposeB());
            run(w, part, a + from * g.k() * Float.BYTES, b, y + from * g.n() * Float.BYTES, bias);
        });
    }

    private void run(Worker w, Matmul g, long a, long b, long y, long bias) {
        Primitive p = primitive(w.context(), new Key(g, bias != 0));
        if (bias == 0) {
            p.run(a, b, y);
        } else {
            p.run(a, b, y, bias);
        }
    }

    /** The row twice, and one of the results. */
    private void oneRow(Matmul g, long a, long b, long y, long bias) {
        long aBytes = g.k() * Float.BYTES;
        long yBytes = g.n() * Float.BYTES;
        CpuBuffer room = memory.allocate(2 * (aBytes + yBytes));
        try {
            long rows = room.address();
            CpuMemory.copy(aBytes, a, rows);
            CpuMemory.copy(aBytes, a, rows + aBytes);
            long results = rows + 2 * aBytes;
            run(workers.caller(), new Matmul(2, g.k(), g.n(), false, g.transposeB()), rows, b, results, bias);
            CpuMemory.copy(yBytes, results, y);
        } finally {
            memory.free(room);
        }
    }

    /** a is [K,M], and K is long (rows of a batch): each thread sums some of it; the sums are added in order. */
    private void overSum(Matmul g, long a, long b, CpuBuffer y) {
        long bRow = g.transposeB() ? 1 : g.n();
        Split split =
                g.transposeB() ? new Split(g.k(), g.k()) : Split.of(g.k(), workers.threads(), smallest(g.m() * g.n()));
        List<CpuBuffer> sums = new ArrayList<>(List.of(y));
        for (int i = 1; i < split.count(); i++) {
            sums.add(memory.allocate(g.m() * g.n() * Float.BYTES));
        }
        workers.forEach(split.count(), (w, i) -> {
            Matmul part = new Matmul(g.m(), split.length(i), g.n(), true, g.transposeB());
            primitive(w.context(), new Key(part, false))
                    .run(
                            a + split.from(i) * g.m() * Float.BYTES,
                            b + split.from(i) * bRow * Float.BYTES,
                            sums.get((int) i).address());
        });
        if (sums.size() > 1) {
            blocks.addUp(g.m() * g.n(), sums);
            sums.subList(1, sums.size()).forEach(memory::free);
        }
    }

    private static long smallest(long multiplyAddsPerRow) {
        return Math.max(1, SMALLEST_SHARE / multiplyAddsPerRow);
    }

    @Override
    public void sumRows(long count, long columns, Buffer a, Buffer y) {
        rows.sum(1, count, columns, a, y);
    }

    private Primitive primitive(DnnlContext context, Key key) {
        return context.get(key, () -> {
            Matmul g = key.geometry();
            dnnl_memory_desc a = Dnnl.strided(new long[] {g.m(), g.k()}, strides(g.transposeA(), g.m(), g.k()));
            dnnl_memory_desc b = Dnnl.strided(new long[] {g.k(), g.n()}, strides(g.transposeB(), g.k(), g.n()));
            dnnl_memory_desc y = Dnnl.tagged(dnnl_ab, g.m(), g.n());
            dnnl_memory_desc bias = key.bias() ? Dnnl.tagged(dnnl_ab, 1, g.n()) : null;
            dnnl_primitive_attr attr = Dnnl.attributes(precision);
            dnnl_primitive_desc pd = new dnnl_primitive_desc();
            Dnnl.check(dnnl_matmul_primitive_desc_create(pd, Dnnl.engine(), a, b, bias, y, attr), "matmul");
            Primitive.Arg src = new Primitive.Arg(DNNL_ARG_SRC, a);
            Primitive.Arg weights = new Primitive.Arg(DNNL_ARG_WEIGHTS, b);
            Primitive.Arg dst = new Primitive.Arg(DNNL_ARG_DST, y);
            return key.bias()
                    ? new Primitive(context, pd, src, weights, dst, new Primitive.Arg(DNNL_ARG_BIAS, bias))
                    : new Primitive(context, pd, src, weights, dst);
        });
    }

    private static long[] strides(boolean transposed, long rows, long columns) {
        return transposed ? new long[] {1, rows} : new long[] {columns, 1};
    }

    private static long address(Buffer b) {
        return ((CpuBuffer) b).address();
    }
}
