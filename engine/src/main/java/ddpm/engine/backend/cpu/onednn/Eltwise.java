package ddpm.engine.backend.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** oneDNN's elementwise functions on dense vectors, for any thread's context. */
public final class Eltwise {
    private record Key(int algorithm, float alpha, long n, boolean backward) {}

    private Eltwise() {}

    /** Operands: x, y. In place is allowed. */
    public static Primitive forward(DnnlContext context, int algorithm, float alpha, long n) {
        return context.get(new Key(algorithm, alpha, n, false), () -> {
            dnnl_memory_desc d = Dnnl.vector(n);
            return new Primitive(
                    context,
                    forwardDescriptor(d, algorithm, alpha),
                    new Primitive.Arg(DNNL_ARG_SRC, d),
                    new Primitive.Arg(DNNL_ARG_DST, d));
        });
    }

    /** Operands: x, dy, dx. dx may be dy. */
    public static Primitive backward(DnnlContext context, int algorithm, float alpha, long n) {
        return context.get(new Key(algorithm, alpha, n, true), () -> {
            dnnl_memory_desc d = Dnnl.vector(n);
            dnnl_primitive_desc hint = forwardDescriptor(d, algorithm, alpha);
            dnnl_primitive_desc pd = new dnnl_primitive_desc();
            Dnnl.check(
                    dnnl_eltwise_backward_primitive_desc_create(
                            pd, Dnnl.engine(), algorithm, d, d, d, alpha, 0, hint, Dnnl.attributes()),
                    "elementwise backward");
            dnnl_primitive_desc_destroy(hint);
            return new Primitive(
                    context,
                    pd,
                    new Primitive.Arg(DNNL_ARG_SRC, d),
                    new Primitive.Arg(DNNL_ARG_DIFF_DST, d),
                    new Primitive.Arg(DNNL_ARG_DIFF_SRC, d));
        });
    }

    private static dnnl_primitive_desc forwardDescriptor(dnnl_memory_desc d, int algorithm, float alpha) {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        Dnnl.check(
                dnnl_eltwise_forward_primitive_desc_create(
                        pd, Dnnl.engine(), dnnl_forward_training, algorithm, d, d, alpha, 0, Dnnl.attributes()),
                "elementwise");
        return pd;
    }
}
