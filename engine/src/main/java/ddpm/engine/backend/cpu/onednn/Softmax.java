package ddpm.engine.backend.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** oneDNN's softmax of dense rows, for any thread's context. */
public final class Softmax {
    private static final int ALONG_ROWS = 1; // the axis that adds up to one

    private record Key(long rows, long length, boolean backward) {}

    private Softmax() {}

    /** Operands: x, y. In place is allowed. */
    public static Primitive forward(DnnlContext context, long rows, long length) {
        return context.get(new Key(rows, length, false), () -> {
            dnnl_memory_desc d = Dnnl.tagged(dnnl_ab, rows, length);
            return new Primitive(
                    context,
                    forwardDescriptor(d),
                    new Primitive.Arg(DNNL_ARG_SRC, d),
                    new Primitive.Arg(DNNL_ARG_DST, d));
        });
    }

    /** Operands: y, dy, dx. dx may be dy. */
    public static Primitive backward(DnnlContext context, long rows, long length) {
        return context.get(new Key(rows, length, true), () -> {
            dnnl_memory_desc d = Dnnl.tagged(dnnl_ab, rows, length);
            dnnl_primitive_desc hint = forwardDescriptor(d);
            dnnl_primitive_desc pd = new dnnl_primitive_desc();
            Dnnl.check(
                    dnnl_softmax_backward_primitive_desc_create(
                            pd, Dnnl.engine(), dnnl_softmax_accurate, d, d, d, ALONG_ROWS, hint, Dnnl.attributes()),
                    "softmax backward");
            dnnl_primitive_desc_destroy(hint);
            return new Primitive(
                    context,
                    pd,
                    new Primitive.Arg(DNNL_ARG_DST, d),
                    new Primitive.Arg(DNNL_ARG_DIFF_DST, d),
                    new Primitive.Arg(DNNL_ARG_DIFF_SRC, d));
        });
    }

    private static dnnl_primitive_desc forwardDescriptor(dnnl_memory_desc d) {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        Dnnl.check(
                dnnl_softmax_forward_primitive_desc_create(
                        pd,
                        Dnnl.engine(),
                        dnnl_forward_training,
                        dnnl_softmax_accurate,
                        d,
                        d,
                        ALONG_ROWS,
                        Dnnl.attributes()),
                "softmax");
        return pd;
    }
}
