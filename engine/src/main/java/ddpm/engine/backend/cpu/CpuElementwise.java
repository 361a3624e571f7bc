package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ElementwiseOps;
import ddpm.engine.backend.Nhwc;
import java.nio.IntBuffer;
import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Elementwise operations: oneDNN where it has them, row loops for the broadcasts. */
final class CpuElementwise implements ElementwiseOps {
    private final DnnlContext context;
    private final Rows rows;

    CpuElementwise(DnnlContext context, Rows rows) {
        this.context = context;
        this.rows = rows;
    }

    @Override
    public void add(long n, Buffer a, Buffer b, Buffer y) {
        record Add(long n) {}
        context.get(new Add(n), () -> {
                    dnnl_memory_desc d = Dnnl.vector(n);
                    dnnl_primitive_desc pd = new dnnl_primitive_desc();
                    Dnnl.check(
                            dnnl_binary_primitive_desc_create(pd, Dnnl.engine(), dnnl_binary_add, d, d, d, null),
                            "add");
                    return new Primitive(
                            context,
                            pd,
                            new Primitive.Arg(DNNL_ARG_SRC_0, d),
                            new Primitive.Arg(DNNL_ARG_SRC_1, d),
                            new Primitive.Arg(DNNL_ARG_DST, d));
                })
                .run(address(a), address(b), address(y));
    }

    @Override
    public void scale(long n, float factor, Buffer x, Buffer y) {
        Eltwise.forward(context, dnnl_eltwise_linear, factor, n).run(address(x), address(y));
    }

    @Override
    public void fill(long n, float factor, Buffer s, Buffer y) {
        float[] values = new float[(int) n];
        Arrays.fill(values, factor * ((CpuBuffer) s).floats().get(0));
        ((CpuBuffer) y).floats().put(0, values);
    }

    @Override
    public void silu(long n, Buffer x, Buffer y) {
        Eltwise.forward(context, dnnl_eltwise_swish, 1, n).run(address(x), address(y));
    }

    @Override
    public void siluBackward(long n, Buffer x, Buffer dy, Buffer dx) {
        Eltwise.backward(context, dnnl_eltwise_swish, 1, n).run(address(x), address(dy), address(dx));
    }

    @Override
    public void addPerImage(Nhwc g, Buffer x, Buffer b, Buffer y) {
        rows.add(g.n(), g.pixels(), g.c(), x, b, y);
    }

    @Override
    public void sumPixels(Nhwc g, Buffer dy, Buffer db) {
        rows.sum(g.n(), g.pixels(), g.c(), dy, db);
    }

    @Override
    public void timestepEmbedding(long n, int dim, Buffer t, Buffer y) {
        int half = dim / 2;
        IntBuffer steps = ((CpuBuffer) t).ints();
        float[] out = new float[(int) n * dim];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < half; k++) {
                double angle = steps.get(i) / Math.pow(10000, (double) k / half);
                out[i * dim + k] = (float) Math.sin(angle);
                out[i * dim + half + k] = (float) Math.cos(angle);
            }
        }
        ((CpuBuffer) y).floats().put(0, out);
    }

    private static long address(Buffer b) {
        return ((CpuBuffer) b).address();
    }
}
