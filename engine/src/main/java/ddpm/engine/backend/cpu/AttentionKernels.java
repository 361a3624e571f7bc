package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Precision;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * The products and softmaxes of one block of queries, as oneDNN primitives of one thread. S = scores, P = softmax(S), h
 * heads, r rows (queries), T tokens, d head dim.
 */
final class AttentionKernels {
    /** A product of three strided batches with a factor, added to the result or overwriting it. */
    private record Product(String name, AttentionTile tile, long rows, boolean accumulate) {}

    private record Softmax(AttentionTile tile, long rows, boolean backward) {}

    /** Extents and strides of one operand. */
    private record View(long[] dims, long[] strides) {
        dnnl_memory_desc layout() {
            return Dnnl.strided(dims, strides);
        }
    }

    private final DnnlContext context;
    private final AttentionTile tile;
    private final Precision precision;
    private final long heads;
    private final long tokens;
    private final long headDim;
    private final float scale;

    AttentionKernels(DnnlContext context, AttentionTile tile, Precision precision) {
        this.context = context;
        this.tile = tile;
        this.precision = precision;
        this.heads = tile.heads();
        this.tokens = tile.geometry().tokens();
        this.headDim = tile.geometry().headDim();
        this.scale = (float) (1 / Math.sqrt(headDim));
    }

    /** S[h,r,T] = Q K^T / sqrt(d). */
    void scores(long rows, long q, long k, long s) {
        product("scores", rows, packed(rows), packedTransposed(), square(rows), scale, false)
                .run(q, k, s);
    }

    /** P = softmax(S) over the last extent, in place. */
    void softmax(long rows, long s) {
        context.get(new Softmax(tile, rows, false), () -> {
                    dnnl_memory_desc d = matrix(rows);
                    return new Primitive(
                            context,
                            softmaxForward(d),
                            new Primitive.Arg(DNNL_ARG_SRC, d),
                            new Primitive.Arg(DNNL_ARG_DST, d));
                })
                .run(s, s);
    }

    /** Y[h,r,d] = P V. */
    void weightedValues(long rows, long p, long v, long y) {
        product("values", rows, square(rows), packed(tokens), result(rows), 1, false)
                .run(p, v, y);
    }

    /** dP[h,r,T] = dY V^T. */
    void weightGradient(long rows, long dy, long v, long dp) {
        product("dP", rows, result(rows), packedTransposed(), square(rows), 1, false)
                .run(dy, v, dp);
    }

    /** dV^T[h,d,T] (+)= dY^T P. */
    void valueGradient(long rows, boolean first, long dy, long p, long dvT) {
        product("dV", rows, resultTransposed(rows), square(rows), gradientTransposed(), 1, !first)
                .run(dy, p, dvT);
    }

    /** dS = P * (dP - rowsum(P * dP)), over dP. */
    void softmaxBackward(long rows, long p, long dp) {
        context.get(new Softmax(tile, rows, true), () -> {
                    dnnl_memory_desc d = matrix(rows);
                    dnnl_primitive_desc hint = softmaxForward(d);
                    dnnl_primitive_desc pd = new dnnl_primitive_desc();
                    Dnnl.check(
                            dnnl_softmax_backward_primitive_desc_create(
                                    pd, Dnnl.engine(), dnnl_softmax_accurate, d, d, d, 1, hint, null),
                            "softmax backward");
                    dnnl_primitive_desc_destroy(hint);
                    return new Primitive(
                            context,
                            pd,
                            new Primitive.Arg(DNNL_ARG_DST, d),
                            new Primitive.Arg(DNNL_ARG_DIFF_DST, d),
                            new Primitive.Arg(DNNL_ARG_DIFF_SRC, d));
                })
                .run(p, dp, dp);
    }

    /** dQ[h,r,d] = dS K / sqrt(d). */
    void queryGradient(long rows, long ds, long k, long dq) {
        product("dQ", rows, square(rows), packed(tokens), packed(rows), scale, false)
                .run(ds, k, dq);
    }

    /** dK^T[h,d,T] (+)= Q^T dS / sqrt(d). */
    void keyGradient(long rows, boolean first, long q, long ds, long dkT) {
        product("dK", rows, packedRowsTransposed(rows), square(rows), gradientTransposed(), scale, !first)
                .run(q, ds, dkT);
    }

    /** [h,d,T] into the packed layout. */
    void transpose(long from, long to) {
        View packed = packedTransposed();
        StridedCopy.run(context, packed.dims(), from, gradientTransposed().strides(), to, packed.strides());
    }

    // ---- layouts ----

    private long packedStride() {
        return 3 * tile.geometry().width();
    }

    private View packed(long rows) {
        return new View(new long[] {heads, rows, headDim}, new long[] {headDim, packedStride(), 1});
    }

    private View packedTransposed() {
        return packedRowsTransposed(tokens);
    }

    private View packedRowsTransposed(long rows) {
        return new View(new long[] {heads, headDim, rows}, new long[] {headDim, 1, packedStride()});
    }

    private View square(long rows) {
        return new View(new long[] {heads, rows, tokens}, new long[] {rows * tokens, tokens, 1});
    }

    private View result(long rows) {
        return new View(
                new long[] {heads, rows, headDim},
                new long[] {headDim, tile.geometry().width(), 1});
    }

    private View resultTransposed(long rows) {
        return new View(
                new long[] {heads, headDim, rows},
                new long[] {headDim, 1, tile.geometry().width()});
    }

    private View gradientTransposed() {
        return new View(new long[] {heads, headDim, tokens}, new long[] {headDim * tokens, tokens, 1});
    }

    private dnnl_memory_desc matrix(long rows) {
        return Dnnl.tagged(dnnl_ab, heads * rows, tokens);
    }

    // ---- primitives ----

    private Primitive product(String name, long rows, View a, View b, View y, float factor, boolean accumulate) {
        return context.get(new Product(name, tile, rows, accumulate), () -> {
            dnnl_memory_desc src = a.layout();
            dnnl_memory_desc weights = b.layout();
            dnnl_memory_desc dst = y.layout();
            dnnl_primitive_desc pd = new dnnl_primitive_desc();
            Dnnl.check(
                    dnnl_matmul_primitive_desc_create(
                            pd, Dnnl.engine(), src, weights, null, dst, attributes(factor, accumulate)),
                    "attention product");
            return new Primitive(
                    context,
                    pd,
                    new Primitive.Arg(DNNL_ARG_SRC, src),
                    new Primitive.Arg(DNNL_ARG_WEIGHTS, weights),
                    new Primitive.Arg(DNNL_ARG_DST, dst));
        });
    }

    private dnnl_primitive_attr attributes(float factor, boolean accumulate) {
        dnnl_primitive_attr attr = Dnnl.attributes(precision);
        dnnl_post_ops ops = new dnnl_post_ops();
        Dnnl.check(dnnl_post_ops_create(ops), "post-operations");
        if (factor != 1) {
            Dnnl.check(dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_linear, factor, 0), "factor");
        }
        if (accumulate) {
            Dnnl.check(dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef), "sum");
        }
        Dnnl.check(dnnl_primitive_attr_set_post_ops(attr, ops), "post-operations");
        dnnl_post_ops_destroy(ops);
        return attr;
    }

    private dnnl_primitive_desc softmaxForward(dnnl_memory_desc d) {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        Dnnl.check(
                dnnl_softmax_forward_primitive_desc_create(
                        pd, Dnnl.engine(), dnnl_forward_training, dnnl_softmax_accurate, d, d, 1, null),
                "softmax");
        return pd;
    }
}
