package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Precision;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * A convolution primitive of one pass, and the reorder between the engine's weights and the layout oneDNN wants; null
 * where they are the same.
 */
record ConvPlan(Primitive conv, Primitive reorder, long weightBytes) implements AutoCloseable {
    enum Pass {
        FORWARD,
        BACKWARD_DATA,
        BACKWARD_WEIGHTS
    }

    private record Key(ConvGeometry geometry, Pass pass) {}

    /** The plan in a thread's context. */
    static ConvPlan of(DnnlContext context, ConvGeometry g, Pass pass, Precision precision) {
        return context.get(new Key(g, pass), ConvPlan.class, () -> {
            ConvDescriptors d = new ConvDescriptors(g, precision);
            return switch (pass) {
                case FORWARD -> forward(context, d);
                case BACKWARD_DATA -> backwardData(context, d);
                case BACKWARD_WEIGHTS -> backwardWeights(context, d);
            };
        });
    }

    /** Operands: x, weights, bias, y. */
    private static ConvPlan forward(DnnlContext context, ConvDescriptors d) {
        dnnl_primitive_desc pd = d.forward();
        dnnl_memory_desc w = Dnnl.layoutOf(pd, dnnl_query_weights_md);
        Primitive conv = new Primitive(
                context,
                pd,
                new Primitive.Arg(DNNL_ARG_SRC, d.x),
                new Primitive.Arg(DNNL_ARG_WEIGHTS, w),
                new Primitive.Arg(DNNL_ARG_BIAS, d.bias),
                new Primitive.Arg(DNNL_ARG_DST, d.y));
        return new ConvPlan(conv, reorder(context, d.plainWeights, w), dnnl_memory_desc_get_size(w));
    }

    /** Operands: dy, weights, dx. */
    private static ConvPlan backwardData(DnnlContext context, ConvDescriptors d) {
        dnnl_primitive_desc pd = d.backwardData();
        dnnl_memory_desc w = Dnnl.layoutOf(pd, dnnl_query_weights_md);
        Primitive conv = new Primitive(
                context,
                pd,
                new Primitive.Arg(DNNL_ARG_DIFF_DST, d.y),
                new Primitive.Arg(DNNL_ARG_WEIGHTS, w),
                new Primitive.Arg(DNNL_ARG_DIFF_SRC, d.x));
        return new ConvPlan(conv, reorder(context, d.plainWeights, w), dnnl_memory_desc_get_size(w));
    }

    /** Operands: x, dy, gradient of the weights, gradient of the bias. */
    private static ConvPlan backwardWeights(DnnlContext context, ConvDescriptors d) {
        dnnl_primitive_desc pd = d.backwardWeights();
        dnnl_memory_desc w = Dnnl.layoutOf(pd, dnnl_query_diff_weights_md);
        Primitive conv = new Primitive(
                context,
                pd,
                new Primitive.Arg(DNNL_ARG_SRC, d.x),
                new Primitive.Arg(DNNL_ARG_DIFF_DST, d.y),
                new Primitive.Arg(DNNL_ARG_DIFF_WEIGHTS, w),
                new Primitive.Arg(DNNL_ARG_DIFF_BIAS, d.bias));
        return new ConvPlan(conv, reorder(context, w, d.plainWeights), dnnl_memory_desc_get_size(w));
    }

    private static Primitive reorder(DnnlContext context, dnnl_memory_desc from, dnnl_memory_desc to) {
        return dnnl_memory_desc_equal(from, to) != 0 ? null : StridedCopy.primitive(context, from, to);
    }

    @Override
    public void close() {
        conv.close();
        if (reorder != null) {
            reorder.close();
        }
    }
}
