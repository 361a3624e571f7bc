package ddpm.engine.backend.cpu.conv;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.onednn.Dnnl;
import ddpm.engine.backend.cpu.onednn.DnnlContext;
import ddpm.engine.backend.cpu.onednn.Primitive;
import ddpm.engine.backend.cpu.onednn.PrimitiveGroup;
import ddpm.engine.backend.cpu.onednn.StridedCopy;
import ddpm.engine.backend.cpu.team.Worker;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * A convolution of one pass, ready to run on a thread's share of the images.
 *
 * @param conv the primitive
 * @param reorder between the engine's weights and the layout oneDNN wants; null where they are the same
 * @param weightBytes of the weights in oneDNN's layout
 * @param casts of the activations that go in, in the order of the operands; null entries where they go in as they are
 */
record ConvPlan(Primitive conv, Primitive reorder, long weightBytes, List<Cast> casts) implements PrimitiveGroup {
    /** Scratch slot of the first cast operand; the one before holds weights. */
    private static final int FIRST_SLOT = 1;

    /** Rounds an operand. */
    record Cast(Primitive rounding, long floats) {}

    enum Pass {
        FORWARD,
        BACKWARD_DATA,
        BACKWARD_WEIGHTS
    }

    private record Key(ConvSpec geometry, Pass pass) {}

    /** The plan in a thread's context. */
    static ConvPlan of(DnnlContext context, ConvSpec g, Pass pass, Precision precision) {
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
                new Primitive.Arg(DNNL_ARG_SRC, d.xOperand),
                new Primitive.Arg(DNNL_ARG_WEIGHTS, w),
                new Primitive.Arg(DNNL_ARG_BIAS, d.bias),
                new Primitive.Arg(DNNL_ARG_DST, d.y));
        return plan(context, conv, d.plainWeights, w, w, cast(context, d.x, d.xOperand));
    }

    /** Operands: dy, weights, dx. */
    private static ConvPlan backwardData(DnnlContext context, ConvDescriptors d) {
        dnnl_primitive_desc pd = d.backwardData();
        dnnl_memory_desc w = Dnnl.layoutOf(pd, dnnl_query_weights_md);
        Primitive conv = new Primitive(
                context,
                pd,
                new Primitive.Arg(DNNL_ARG_DIFF_DST, d.yOperand),
                new Primitive.Arg(DNNL_ARG_WEIGHTS, w),
                new Primitive.Arg(DNNL_ARG_DIFF_SRC, d.dx));
        return plan(context, conv, d.plainWeights, w, w, cast(context, d.y, d.yOperand));
    }

    /** Operands: x, dy, gradient of the weights, gradient of the bias. */
    private static ConvPlan backwardWeights(DnnlContext context, ConvDescriptors d) {
        dnnl_primitive_desc pd = d.backwardWeights();
        dnnl_memory_desc w = Dnnl.layoutOf(pd, dnnl_query_diff_weights_md);
        Primitive conv = new Primitive(
                context,
                pd,
                new Primitive.Arg(DNNL_ARG_SRC, d.xOperand),
                new Primitive.Arg(DNNL_ARG_DIFF_DST, d.yOperand),
                new Primitive.Arg(DNNL_ARG_DIFF_WEIGHTS, w),
                new Primitive.Arg(DNNL_ARG_DIFF_BIAS, d.bias));
        return plan(
                context, conv, w, d.plainWeights, w, cast(context, d.x, d.xOperand), cast(context, d.y, d.yOperand));
    }

    private static ConvPlan plan(
            DnnlContext context,
            Primitive conv,
            dnnl_memory_desc from,
            dnnl_memory_desc to,
            dnnl_memory_desc weights,
            Cast... casts) {
        Primitive reorder = dnnl_memory_desc_equal(from, to) != 0 ? null : StridedCopy.primitive(context, from, to);
        return new ConvPlan(conv, reorder, dnnl_memory_desc_get_size(weights), Arrays.asList(casts));
    }

    private static Cast cast(DnnlContext context, dnnl_memory_desc from, dnnl_memory_desc to) {
        return dnnl_memory_desc_equal(from, to) != 0
                ? null
                : new Cast(StridedCopy.primitive(context, from, to), dnnl_memory_desc_get_size(to) / Float.BYTES + 1);
    }

    /** Where the primitive finds activation number {@code i} that the engine has at {@code address}. */
    long operand(Worker w, int i, long address) {
        Cast cast = casts.get(i);
        if (cast == null) {
            return address;
        }
        long rounded = w.natives(FIRST_SLOT + i, cast.floats()).address();
        cast.rounding().run(address, rounded);
        return rounded;
    }

    @Override
    public Map<String, Primitive> primitives() {
        Map<String, Primitive> parts = new TreeMap<>(Map.of("convolution", conv));
        if (reorder != null) {
            parts.put("weights", reorder);
        }
        for (int i = 0; i < casts.size(); i++) {
            if (casts.get(i) != null) {
                parts.put("operand " + i, casts.get(i).rounding());
            }
        }
        return parts;
    }
}
