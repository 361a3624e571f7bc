package ddpm.engine.backend.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** oneDNN's reorder: copies a block between two layouts. Concatenation, slices, padding and transposes are all this. */
public final class StridedCopy {
    private record Key(String kind, String dims, String from, String to) {}

    private StridedCopy() {}

    /** Copies dims elements; the addresses are those of the first element on each side, strides are in elements. */
    public static void run(DnnlContext context, long[] dims, long from, long[] fromStrides, long to, long[] toStrides) {
        Key key = new Key("copy", Arrays.toString(dims), Arrays.toString(fromStrides), Arrays.toString(toStrides));
        context.get(key, () -> primitive(context, Dnnl.strided(dims, fromStrides), Dnnl.strided(dims, toStrides)))
                .run(from, to);
    }

    /** Rounds F32 to BF16, to nearest, ties to even. */
    public static void round(DnnlContext context, long count, long from, long to) {
        convert(context, "round", count, dnnl_f32, from, dnnl_bf16, to);
    }

    /** BF16 to F32, exactly. */
    public static void widen(DnnlContext context, long count, long from, long to) {
        convert(context, "widen", count, dnnl_bf16, from, dnnl_f32, to);
    }

    private static void convert(
            DnnlContext context, String kind, long count, int fromType, long from, int toType, long to) {
        context.get(
                        new Key(kind, Long.toString(count), "", ""),
                        () -> primitive(
                                context, Dnnl.typed(fromType, dnnl_a, count), Dnnl.typed(toType, dnnl_a, count)))
                .run(from, to);
    }

    public static Primitive primitive(DnnlContext context, dnnl_memory_desc from, dnnl_memory_desc to) {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        Dnnl.check(
                dnnl_reorder_primitive_desc_create(pd, from, Dnnl.engine(), to, Dnnl.engine(), Dnnl.attributes()),
                "reorder");
        return new Primitive(context, pd, new Primitive.Arg(DNNL_ARG_FROM, from), new Primitive.Arg(DNNL_ARG_TO, to));
    }
}
