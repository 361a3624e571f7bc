package ddpm.engine.backend.cpu.conv;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.cpu.onednn.Dnnl;
import ddpm.engine.backend.cpu.onednn.DnnlContext;
import ddpm.engine.backend.cpu.onednn.MatrixProduct;
import ddpm.engine.backend.cpu.onednn.Primitive;
import ddpm.engine.backend.cpu.onednn.PrimitiveGroup;
import ddpm.engine.backend.cpu.onednn.StridedCopy;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** The matrix products of all places of Winograd's tiles, as one batch, by one thread. */
final class WinogradProducts {
    private static final long PLACES = WinogradWeights.PLACES;

    private WinogradProducts() {}

    /**
     * How {@link #apply} wants its weights.
     *
     * @param desc of all places
     * @param length floats of one place
     * @param reorder of one tap, plain to the layout of a place
     */
    record Layout(dnnl_memory_desc desc, long length, Primitive reorder) implements PrimitiveGroup {
        @Override
        public Map<String, Primitive> primitives() {
            return Map.of("a tap", reorder);
        }
    }

    /**
     * The layout for products of {@code rows} rows; those of fewer rows take it as well.
     *
     * @param turned whether the plain weights are [I,9,O] and not [O,9,I]
     */
    static Layout layout(DnnlContext context, long rows, long in, long out, boolean turned) {
        return context.get(new Key("Winograd weights", rows, in, out, turned), Layout.class, () -> {
            dnnl_memory_desc any = Dnnl.tagged(dnnl_format_tag_any, PLACES, in, out);
            dnnl_primitive_desc pd =
                    MatrixProduct.descriptor(dense(rows, in), any, dense(rows, out), MatrixProduct::nothing);
            dnnl_memory_desc all = Dnnl.layoutOf(pd, dnnl_query_weights_md);
            dnnl_primitive_desc_destroy(pd);
            dnnl_memory_desc one = new dnnl_memory_desc();
            long[] dims = {1, in, out};
            Dnnl.check(dnnl_memory_desc_create_submemory(one, all, dims, new long[dims.length]), "one place");
            long taps = WinogradWeights.TAPS;
            long[] strides = turned ? new long[] {1, taps * out, 1} : new long[] {1, 1, taps * in};
            return new Layout(
                    all,
                    dnnl_memory_desc_get_size(all) / Float.BYTES / PLACES,
                    StridedCopy.primitive(context, Dnnl.strided(dims, strides), one));
        });
    }

    private record Key(String kind, long rows, long in, long out, boolean variant) {}

    /** Operands: V [36,rows,I], weights in {@code layout}, M [36,rows,O]. */
    static Primitive apply(DnnlContext context, long rows, long in, long out, dnnl_memory_desc layout) {
        return context.get(
                new Key("Winograd product", rows, in, out, false),
                () -> MatrixProduct.of(context, dense(rows, in), layout, dense(rows, out), MatrixProduct::nothing));
    }

    /** Operands: dM [36,rows,O], V [36,rows,I], dU [36,O,I], to which it is added or not. */
    static Primitive gradient(DnnlContext context, long rows, long in, long out, boolean add) {
        return context.get(new Key("Winograd gradient", rows, in, out, add), () -> {
            dnnl_memory_desc dm = Dnnl.strided(new long[] {PLACES, out, rows}, new long[] {rows * out, 1, out});
            return MatrixProduct.of(
                    context, dm, dense(rows, in), dense(out, in), add ? MatrixProduct::sum : MatrixProduct::nothing);
        });
    }

    private static dnnl_memory_desc dense(long rows, long columns) {
        return Dnnl.tagged(dnnl_abc, PLACES, rows, columns);
    }
}
