package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Matmul;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.backend.Precision;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Matrix products by oneDNN's matmul; transposes are strides. */
final class CpuMatmul implements MatmulOps {
    private record Key(Matmul geometry, boolean bias) {}

    private final DnnlContext context;
    private final Rows rows;
    private final Precision precision;

    CpuMatmul(DnnlContext context, Rows rows, Precision precision) {
        this.context = context;
        this.rows = rows;
        this.precision = precision;
    }

    @Override
    public void matmul(Matmul g, Buffer a, Buffer b, Buffer y) {
        primitive(new Key(g, false)).run(address(a), address(b), address(y));
    }

    @Override
    public void matmulBias(Matmul g, Buffer a, Buffer b, Buffer bias, Buffer y) {
        primitive(new Key(g, true)).run(address(a), address(b), address(y), address(bias));
    }

    @Override
    public void sumRows(long count, long columns, Buffer a, Buffer y) {
        rows.sum(1, count, columns, a, y);
    }

    private Primitive primitive(Key key) {
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
