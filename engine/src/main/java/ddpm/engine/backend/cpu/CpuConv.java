package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Conv2dSpec;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.ConvTranspose2dSpec;
import ddpm.engine.backend.Precision;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * Convolutions by oneDNN. Activations stay plain [N,H,W,C]; weights are reordered on every call into the layout oneDNN
 * asks for: with plain weights it falls back to implementations up to a hundred times slower.
 */
final class CpuConv implements ConvOps {
    private enum Pass {
        FORWARD,
        BACKWARD_DATA,
        BACKWARD_WEIGHTS
    }

    private record Key(Object geometry, Pass pass) {}

    /** A convolution primitive and the reorder of its weights; null where oneDNN takes them as they are. */
    private record Plan(Primitive conv, Primitive reorder, long weightBytes) implements AutoCloseable {
        @Override
        public void close() {
            conv.close();
            if (reorder != null) {
                reorder.close();
            }
        }
    }

    private final DnnlContext context;
    private final CpuMemory memory;
    private final Precision precision;

    CpuConv(DnnlContext context, CpuMemory memory, Precision precision) {
        this.context = context;
        this.memory = memory;
        this.precision = precision;
    }

    // ---- convolution ----

    @Override
    public void conv2d(Conv2dSpec g, Buffer x, Buffer w, Buffer b, Buffer y) {
        forward(plan(new Key(g, Pass.FORWARD), Convolution.of(g, precision)), x, w, b, y);
    }

    @Override
    public void conv2dBackwardData(Conv2dSpec g, Buffer dy, Buffer w, Buffer dx) {
        backwardData(plan(new Key(g, Pass.BACKWARD_DATA), Convolution.of(g, precision)), dy, w, dx);
    }

    @Override
    public void conv2dBackwardWeights(Conv2dSpec g, Buffer x, Buffer dy, Buffer dw, Buffer db) {
        backwardWeights(plan(new Key(g, Pass.BACKWARD_WEIGHTS), Convolution.of(g, precision)), x, dy, dw, db);
    }

    // ---- transposed convolution ----

    @Override
    public void convTranspose2d(ConvTranspose2dSpec g, Buffer x, Buffer w, Buffer b, Buffer y) {
        forward(plan(new Key(g, Pass.FORWARD), Convolution.of(g, precision)), x, w, b, y);
    }

    @Override
    public void convTranspose2dBackwardData(ConvTranspose2dSpec g, Buffer dy, Buffer w, Buffer dx) {
        backwardData(plan(new Key(g, Pass.BACKWARD_DATA), Convolution.of(g, precision)), dy, w, dx);
    }

    @Override
    public void convTranspose2dBackwardWeights(ConvTranspose2dSpec g, Buffer x, Buffer dy, Buffer dw, Buffer db) {
        backwardWeights(plan(new Key(g, Pass.BACKWARD_WEIGHTS), Convolution.of(g, precision)), x, dy, dw, db);
    }

    // ---- both ----

    private void forward(Plan p, Buffer x, Buffer w, Buffer b, Buffer y) {
        withWeights(p, w, weights -> p.conv().run(address(x), weights, address(b), address(y)));
    }

    private void backwardData(Plan p, Buffer dy, Buffer w, Buffer dx) {
        withWeights(p, w, weights -> p.conv().run(address(dy), weights, address(dx)));
    }

    private void backwardWeights(Plan p, Buffer x, Buffer dy, Buffer dw, Buffer db) {
        if (p.reorder() == null) {
            p.conv().run(address(x), address(dy), address(dw), address(db));
            return;
        }
        CpuBuffer blocked = memory.allocate(p.weightBytes());
        p.conv().run(address(x), address(dy), blocked.address(), address(db));
        p.reorder().run(blocked.address(), address(dw));
        memory.free(blocked);
    }

    private interface WithWeights {
        void run(long weights);
    }

    private void withWeights(Plan p, Buffer w, WithWeights call) {
        if (p.reorder() == null) {
            call.run(address(w));
            return;
        }
        CpuBuffer blocked = memory.allocate(p.weightBytes());
        p.reorder().run(address(w), blocked.address());
        call.run(blocked.address());
        memory.free(blocked);
    }

    private static long address(Buffer b) {
        return ((CpuBuffer) b).address();
    }

    private Plan plan(Key key, Convolution c) {
        return context.get(key, Plan.class, () -> switch (key.pass()) {
            case FORWARD -> forwardPlan(c);
            case BACKWARD_DATA -> backwardDataPlan(c);
            case BACKWARD_WEIGHTS -> backwardWeightsPlan(c);
        });
    }

    private Plan forwardPlan(Convolution c) {
        dnnl_primitive_desc pd = c.forward();
        dnnl_memory_desc w = Dnnl.layoutOf(pd, dnnl_query_weights_md);
        Primitive.Arg[] args = {
            new Primitive.Arg(DNNL_ARG_SRC, c.x),
            new Primitive.Arg(DNNL_ARG_WEIGHTS, w),
            new Primitive.Arg(DNNL_ARG_BIAS, c.bias),
            new Primitive.Arg(DNNL_ARG_DST, c.y)
        };
        return new Plan(new Primitive(context, pd, args), reorder(c.plainWeights, w), bytes(w));
    }

    private Plan backwardDataPlan(Convolution c) {
        dnnl_primitive_desc pd = c.backwardData();
        dnnl_memory_desc w = Dnnl.layoutOf(pd, dnnl_query_weights_md);
        Primitive.Arg[] args = {
            new Primitive.Arg(DNNL_ARG_DIFF_DST, c.y),
            new Primitive.Arg(DNNL_ARG_WEIGHTS, w),
            new Primitive.Arg(DNNL_ARG_DIFF_SRC, c.x)
        };
        return new Plan(new Primitive(context, pd, args), reorder(c.plainWeights, w), bytes(w));
    }

    private Plan backwardWeightsPlan(Convolution c) {
        dnnl_primitive_desc pd = c.backwardWeights();
        dnnl_memory_desc w = Dnnl.layoutOf(pd, dnnl_query_diff_weights_md);
        Primitive.Arg[] args = {
            new Primitive.Arg(DNNL_ARG_SRC, c.x),
            new Primitive.Arg(DNNL_ARG_DIFF_DST, c.y),
            new Primitive.Arg(DNNL_ARG_DIFF_WEIGHTS, w),
            new Primitive.Arg(DNNL_ARG_DIFF_BIAS, c.bias)
        };
        return new Plan(new Primitive(context, pd, args), reorder(w, c.plainWeights), bytes(w));
    }

    private Primitive reorder(dnnl_memory_desc from, dnnl_memory_desc to) {
        return dnnl_memory_desc_equal(from, to) != 0 ? null : StridedCopy.primitive(context, from, to);
    }

    private static long bytes(dnnl_memory_desc d) {
        return dnnl_memory_desc_get_size(d);
    }
}
