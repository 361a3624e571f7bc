package ddpm.engine.backend.cpu.attention;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.cpu.onednn.Dnnl;
import ddpm.engine.backend.cpu.onednn.DnnlContext;
import ddpm.engine.backend.cpu.onednn.MatrixProduct;
import ddpm.engine.backend.cpu.onednn.Primitive;
import ddpm.engine.backend.cpu.onednn.PrimitiveGroup;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;

/**
 * The batched matrix products of one block of queries, as oneDNN primitives of one thread; what comes after a product
 * (exp, a factor per element, a sum) is done while the result is in registers. h heads, r rows (queries), T tokens, d
 * head dim; {@link AttentionOperands} has the copies in other layouts. All is F32 in each precision: head dims are too short
 * for the tiles of AMX, and rounding the weights costs a pass over them (docs/decisions/0009).
 */
final class AttentionProducts {
    /** oneDNN's number of the second operand of a product's first post-operation. */
    private static final int FACTOR = DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1;

    private final DnnlContext context;
    private final AttentionTile tile;
    private final long rows;
    private final long heads;
    private final long tokens;
    private final long headDim;

    private AttentionProducts(DnnlContext context, AttentionTile tile, int rows) {
        this.context = context;
        this.tile = tile;
        this.rows = rows;
        this.heads = tile.heads();
        this.tokens = tile.tokens();
        this.headDim = tile.headDim();
    }

    /** Products of one size, by the order in which they run. */
    record Forward(Primitive weights, Primitive scores, Primitive values) implements PrimitiveGroup {
        private record Key(AttentionTile tile, int rows) {}

        static Forward of(DnnlContext context, AttentionTile tile, int rows) {
            return context.get(new Key(tile, rows), Forward.class, () -> {
                AttentionProducts p = new AttentionProducts(context, tile, rows);
                return new Forward(p.scoresTransposed(true), p.scoresTransposed(false), p.valuesTransposed());
            });
        }

        @Override
        public Map<String, Primitive> primitives() {
            return Map.of("attention weights", weights, "attention scores", scores, "attention values", values);
        }
    }

    /** Products of one size, by the order in which they run; {@code first} overwrites what {@code next} adds to. */
    record Backward(Primitive weights, Primitive dScores, Primitive dQueries, KeysAndValues first, KeysAndValues next)
            implements PrimitiveGroup {
        private record Key(AttentionTile tile, int rows) {}

        static Backward of(DnnlContext context, AttentionTile tile, int rows) {
            return context.get(new Key(tile, rows), Backward.class, () -> {
                AttentionProducts p = new AttentionProducts(context, tile, rows);
                return new Backward(
                        p.weights(), p.dScores(), p.dQueries(), p.keysAndValues(false), p.keysAndValues(true));
            });
        }

        @Override
        public Map<String, Primitive> primitives() {
            return Map.of(
                    "attention weights again", weights,
                    "attention dScores", dScores,
                    "attention dQueries", dQueries,
                    "attention dKeys", first.dKeys,
                    "attention dKeys, added", next.dKeys,
                    "attention dValues", first.dValues,
                    "attention dValues, added", next.dValues);
        }
    }

    record KeysAndValues(Primitive dKeys, Primitive dValues) {}

    // ---- forward: transposed, so that a row of the result is as long as the block, not as headDim ----

    /** exp or not of S^T[h,T,r] = K (scaled Q)^T; operands k, qT, result. */
    private Primitive scoresTransposed(boolean exp) {
        return product(
                matrix(tokens, headDim, headDim, tile.packed(), 1),
                matrix(headDim, rows, headDim * tokens, tokens, 1),
                dense(tokens, rows),
                exp ? AttentionProducts::exp : MatrixProduct::nothing);
    }

    /** [h,d+1,r] = (V,1)^T P^T: the last row is the sum of the weights; operands vT, weights, result. */
    private Primitive valuesTransposed() {
        return product(
                matrix(headDim + 1, tokens, (headDim + 1) * tokens, tokens, 1),
                dense(tokens, rows),
                dense(headDim + 1, rows),
                MatrixProduct::nothing);
    }

    // ---- backward ----

    /** P[h,r,T] = exp((Q, -logsumexp) (scaled K, 1)^T); operands q, kT, result. */
    private Primitive weights() {
        return product(rowsAndOne(), transposedAndOne(), dense(rows, tokens), AttentionProducts::exp);
    }

    /** dS[h,r,T] = ((dY, -dY.Y) (scaled (V, 1))^T) * P; operands dy, vT, result, P. */
    private Primitive dScores() {
        dnnl_memory_desc p = dense(rows, tokens);
        return product(
                rowsAndOne(),
                transposedAndOne(),
                dense(rows, tokens),
                ops -> Dnnl.check(dnnl_post_ops_append_binary(ops, dnnl_binary_mul, p), "factor"),
                new Primitive.Arg(FACTOR, p));
    }

    /** dQ[h,r,d] = dS K; operands dS, k, result: both in the packed layout. */
    private Primitive dQueries() {
        return product(
                dense(rows, tokens),
                matrix(tokens, headDim, headDim, tile.packed(), 1),
                matrix(rows, headDim, headDim, tile.packed(), 1),
                MatrixProduct::nothing);
    }

    /** dK^T[h,d,T] (+)= Q^T dS; operands q, dS, result. dV^T[h,d,T] (+)= dY^T P; operands dy, P, result. */
    private KeysAndValues keysAndValues(boolean add) {
        return new KeysAndValues(gradientTransposed(tile.packed(), add), gradientTransposed(tile.width(), add));
    }

    private Primitive gradientTransposed(long rowStride, boolean add) {
        return product(
                matrix(headDim, rows, headDim, 1, rowStride),
                dense(rows, tokens),
                dense(headDim, tokens),
                add ? MatrixProduct::sum : MatrixProduct::nothing);
    }

    // ---- layouts and primitives ----

    private dnnl_memory_desc matrix(long m, long n, long headStride, long rowStride, long columnStride) {
        return Dnnl.strided(new long[] {heads, m, n}, new long[] {headStride, rowStride, columnStride});
    }

    private dnnl_memory_desc dense(long m, long n) {
        return matrix(m, n, m * n, n, 1);
    }

    private dnnl_memory_desc rowsAndOne() {
        return matrix(rows, headDim + 1, (headDim + 1) * tokens, headDim + 1, 1);
    }

    private dnnl_memory_desc transposedAndOne() {
        return dense(headDim + 1, tokens);
    }

    private static void exp(dnnl_post_ops ops) {
        Dnnl.check(dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_exp, 0, 0), "exp");
    }

    private Primitive product(
            dnnl_memory_desc a,
            dnnl_memory_desc b,
            dnnl_memory_desc y,
            Consumer<dnnl_post_ops> then,
            Primitive.Arg... more) {
        return MatrixProduct.of(context, a, b, y, then, more);
    }
}
