package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.address;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;
import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ElementwiseOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cpu.onednn.Dnnl;
import ddpm.engine.backend.cpu.onednn.DnnlContext;
import ddpm.engine.backend.cpu.onednn.Eltwise;
import ddpm.engine.backend.cpu.onednn.Primitive;
import ddpm.engine.backend.cpu.team.Blocks;
import ddpm.engine.backend.cpu.team.Rows;
import ddpm.engine.backend.cpu.team.Split;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Elementwise operations: oneDNN where it has them, row loops for the broadcasts. */
final class CpuElementwise implements ElementwiseOps {
    /** Elements below which a vector is not shared out. */
    private static final long SMALLEST_SHARE = 1 << 14;

    private static final float NO_LEAK = 0; // slope of relu below 0; the others take none

    private record Binary(int algorithm, long n) {}

    private final Workers workers;
    private final Rows rows;

    CpuElementwise(Workers workers) {
        this.workers = workers;
        this.rows = new Rows(workers);
    }

    @Override
    public void add(long n, Buffer a, Buffer b, Buffer y) {
        binary(dnnl_binary_add, n, a, b, y);
    }

    @Override
    public void combine(Pair pair, long n, Buffer a, Buffer b, Buffer y) {
        int algorithm =
                switch (pair) {
                    case SUBTRACT -> dnnl_binary_sub;
                    case MULTIPLY -> dnnl_binary_mul;
                    case DIVIDE -> dnnl_binary_div;
                };
        binary(algorithm, n, a, b, y);
    }

    private void binary(int algorithm, long n, Buffer a, Buffer b, Buffer y) {
        shared(n, (w, length, at) -> binary(w.context(), algorithm, length)
                .run(address(a) + at, address(b) + at, address(y) + at));
    }

    private static Primitive binary(DnnlContext context, int algorithm, long n) {
        return context.get(new Binary(algorithm, n), () -> {
            dnnl_memory_desc d = Dnnl.vector(n);
            dnnl_primitive_desc pd = new dnnl_primitive_desc();
            Dnnl.check(
                    dnnl_binary_primitive_desc_create(pd, Dnnl.engine(), algorithm, d, d, d, Dnnl.attributes()),
                    "elementwise of two");
            return new Primitive(
                    context,
                    pd,
                    new Primitive.Arg(DNNL_ARG_SRC_0, d),
                    new Primitive.Arg(DNNL_ARG_SRC_1, d),
                    new Primitive.Arg(DNNL_ARG_DST, d));
        });
    }

    @Override
    public void scale(long n, float factor, Buffer x, Buffer y) {
        shared(n, (w, length, at) -> Eltwise.forward(w.context(), dnnl_eltwise_linear, factor, length)
                .run(address(x) + at, address(y) + at));
    }

    @Override
    public void fill(long n, float factor, Buffer s, Buffer y) {
        float value = factor * floats(s).get(0);
        new Blocks(workers).forEach(n, (w, at, length) -> {
            float[] values = w.floats(0, length);
            Arrays.fill(values, 0, length, value);
            floats(y).put(at, values, 0, length);
        });
    }

    @Override
    public void apply(Function f, long n, Buffer x, Buffer y) {
        if (f == Function.RELU || f == Function.LOG) {
            loop(f, n, x, y);
            return;
        }
        shared(n, (w, length, at) -> Eltwise.forward(w.context(), algorithm(f), NO_LEAK, length)
                .run(address(x) + at, address(y) + at));
    }

    @Override
    public void applyBackward(Function f, long n, Buffer x, Buffer dy, Buffer dx) {
        shared(n, (w, length, at) -> Eltwise.backward(w.context(), algorithm(f), NO_LEAK, length)
                .run(address(x) + at, address(dy) + at, address(dx) + at));
    }

    /** oneDNN's relu makes 0 of what is no number, and its log is off by 45 roundings at 3. */
    private void loop(Function f, long n, Buffer x, Buffer y) {
        new Blocks(workers).forEach(n, (w, at, length) -> {
            float[] values = Blocks.read(w, 0, x, at, length);
            if (f == Function.RELU) {
                for (int i = 0; i < length; i++) {
                    values[i] = values[i] < 0 ? 0 : values[i];
                }
            } else {
                for (int i = 0; i < length; i++) {
                    values[i] = (float) Math.log(values[i]);
                }
            }
            floats(y).put(at, values, 0, length);
        });
    }

    private static int algorithm(Function f) {
        return switch (f) {
            case RELU -> dnnl_eltwise_relu;
            case GELU -> dnnl_eltwise_gelu_erf;
            case GELU_TANH -> dnnl_eltwise_gelu_tanh;
            case TANH -> dnnl_eltwise_tanh;
            case SIGMOID -> dnnl_eltwise_logistic;
            case EXP -> dnnl_eltwise_exp;
            case LOG -> dnnl_eltwise_log;
            case SQRT -> dnnl_eltwise_sqrt;
        };
    }

    @Override
    public void silu(long n, Buffer x, Buffer y) {
        shared(n, (w, length, at) -> Eltwise.forward(w.context(), dnnl_eltwise_swish, 1, length)
                .run(address(x) + at, address(y) + at));
    }

    @Override
    public void siluBackward(long n, Buffer x, Buffer dy, Buffer dx) {
        shared(n, (w, length, at) -> Eltwise.backward(w.context(), dnnl_eltwise_swish, 1, length)
                .run(address(x) + at, address(dy) + at, address(dx) + at));
    }

    private interface Share {
        /** @param length elements @param at bytes from the beginning */
        void run(Worker worker, long length, long at);
    }

    private void shared(long n, Share share) {
        Split split = Split.of(n, workers.threads(), SMALLEST_SHARE);
        workers.forEach(split.count(), (w, i) -> share.run(w, split.length(i), split.from(i) * Float.BYTES));
    }

    @Override
    public void addPerImage(Nhwc g, Buffer x, Buffer b, Buffer y) {
        rows.combine(g.n(), g.pixels(), g.c(), x, b, y, Rows::plus);
    }

    @Override
    public void combinePerImage(Pair pair, Nhwc g, Buffer x, Buffer b, Buffer y) {
        Rows.Step step =
                switch (pair) {
                    case SUBTRACT -> Rows::minus;
                    case MULTIPLY -> Rows::times;
                    case DIVIDE -> Rows::over;
                };
        rows.combine(g.n(), g.pixels(), g.c(), x, b, y, step);
    }

    @Override
    public void sumPixelProducts(Nhwc g, Buffer u, Buffer v, Buffer d) {
        rows.sumProducts(g.n(), g.pixels(), g.c(), u, v, d);
    }

    @Override
    public void sumPixels(Nhwc g, Buffer dy, Buffer db) {
        rows.sum(g.n(), g.pixels(), g.c(), dy, db);
    }

    @Override
    public void modulate(Nhwc g, Buffer x, Buffer e, Buffer y) {
        new ModulateLoops(workers, g).forward(x, e, y);
    }

    @Override
    public void modulateBackward(Nhwc g, Buffer x, Buffer e, Buffer dy, Buffer dx, Buffer de) {
        new ModulateLoops(workers, g).backward(x, e, dy, dx, de);
    }

    @Override
    public void addGated(Nhwc g, Buffer x, Buffer b, Buffer gate, Buffer y) {
        new GateLoops(workers, g).forward(x, b, gate, y);
    }

    @Override
    public void addGatedBackward(Nhwc g, Buffer b, Buffer gate, Buffer dy, Buffer db, Buffer dgate) {
        new GateLoops(workers, g).backward(b, gate, dy, db, dgate);
    }

    @Override
    public void timestepEmbedding(Waves g, Buffer t, Buffer y) {
        FloatBuffer times = floats(t);
        float[] out = new float[(int) g.n() * g.dim()];
        for (int i = 0; i < g.n(); i++) {
            for (int k = 0; k < g.dim() / 2; k++) {
                double angle = times.get(i) / Math.pow(10000, (double) k / g.span());
                out[i * g.dim() + g.sines() + k] = (float) Math.sin(angle);
                out[i * g.dim() + g.cosines() + k] = (float) Math.cos(angle);
            }
        }
        floats(y).put(0, out);
    }
}
