package ddpm.engine.backend.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Precision;
import java.util.function.Consumer;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Products of matrices in layouts of any kind, y = a b, summed in F32; what comes after is done while y is in registers. */
public final class MatrixProduct {
    private MatrixProduct() {}

    /** Operands: a, b, y, and those of {@code more}. @param then appends the post-operations */
    public static Primitive of(
            DnnlContext context,
            dnnl_memory_desc a,
            dnnl_memory_desc b,
            dnnl_memory_desc y,
            Consumer<dnnl_post_ops> then,
            Primitive.Arg... more) {
        Primitive.Arg[] args = new Primitive.Arg[3 + more.length];
        args[0] = new Primitive.Arg(DNNL_ARG_SRC, a);
        args[1] = new Primitive.Arg(DNNL_ARG_WEIGHTS, b);
        args[2] = new Primitive.Arg(DNNL_ARG_DST, y);
        System.arraycopy(more, 0, args, 3, more.length);
        return new Primitive(context, descriptor(a, b, y, then), args);
    }

    /** The caller destroys it, or gives it to a {@link Primitive}. */
    public static dnnl_primitive_desc descriptor(
            dnnl_memory_desc a, dnnl_memory_desc b, dnnl_memory_desc y, Consumer<dnnl_post_ops> then) {
        return descriptor(Precision.FP32, a, b, null, y, then);
    }

    /** As the other, with F32 operands multiplied in some precision. @param bias of each row, or null */
    public static dnnl_primitive_desc descriptor(
            Precision precision,
            dnnl_memory_desc a,
            dnnl_memory_desc b,
            dnnl_memory_desc bias,
            dnnl_memory_desc y,
            Consumer<dnnl_post_ops> then) {
        dnnl_primitive_attr attr = Dnnl.attributes(precision);
        dnnl_post_ops ops = new dnnl_post_ops();
        Dnnl.check(dnnl_post_ops_create(ops), "post-operations");
        then.accept(ops);
        Dnnl.check(dnnl_primitive_attr_set_post_ops(attr, ops), "post-operations");
        dnnl_post_ops_destroy(ops);
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        Dnnl.check(dnnl_matmul_primitive_desc_create(pd, Dnnl.engine(), a, b, bias, y, attr), "matrix product");
        dnnl_primitive_attr_destroy(attr);
        return pd;
    }

    public static void nothing(dnnl_post_ops ops) {}

    /** Adds to what y holds. */
    public static void sum(dnnl_post_ops ops) {
        Dnnl.check(dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef), "sum");
    }
}
