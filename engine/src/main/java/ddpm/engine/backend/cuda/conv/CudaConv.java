package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.kernel.BiasKernels;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;
import java.util.HashMap;
import java.util.Map;

/**
 * Convolutions by cuDNN, and where it has no deterministic algorithm by {@link UnfoldedPlan}. A transposed convolution is the
 * backward data pass of a convolution, its backward data pass a forward one. Bias and its gradient are our own kernels.
 *
 * <p>In bf16 the operands are rounded by our kernel, cuDNN sums in fp32 and <b>rounds its result to bf16</b>, activations and
 * gradients of weights alike; the bias is added after that, in fp32. Channels that are no multiple of 8 it pads by itself.
 * Where it has no bf16 algorithm for a shape, the rounded operands are multiplied as floats and the result is not rounded
 * ({@link ConvOperands#ROUNDED}); {@link #inUse} says which it is.
 */
public final class CudaConv implements ConvOps, AutoCloseable {
    private record Key(ConvPass pass, ConvSpec geometry) {}

    private final CudaMemory memory;
    private final BiasKernels bias;
    private final ConvAlgorithms algorithms;
    private final Map<Key, ConvPlan> plans = new HashMap<>();

    public CudaConv(CudaMemory memory, BiasKernels bias, ConvAlgorithms algorithms) {
        this.memory = memory;
        this.bias = bias;
        this.algorithms = algorithms;
    }

    @Override
    public void conv2d(ConvSpec g, Buffer x, Buffer w, Buffer b, Buffer y) {
        if (g.transposed()) {
            run(ConvPass.BACKWARD_DATA, g.convolution(), y, w, x, b);
        } else {
            run(ConvPass.FORWARD, g, x, w, y, b);
        }
    }

    @Override
    public void conv2dBackwardData(ConvSpec g, Buffer dy, Buffer w, Buffer dx) {
        if (g.transposed()) {
            run(ConvPass.FORWARD, g.convolution(), dy, w, dx, null);
        } else {
            run(ConvPass.BACKWARD_DATA, g, dx, w, dy, null);
        }
    }

    @Override
    public void conv2dBackwardWeights(ConvSpec g, Buffer x, Buffer dy, Buffer dw, Buffer db) {
        if (g.transposed()) {
            run(ConvPass.BACKWARD_WEIGHTS, g.convolution(), dy, dw, x, null);
        } else {
            run(ConvPass.BACKWARD_WEIGHTS, g, x, dw, dy, null);
        }
        bias.sumRows(g.y().n() * g.y().pixels(), g.y().c(), dy, db);
    }

    /**
     * One pass of a convolution that is not transposed: two of x, w and y are read, the third is written.
     *
     * @param x [N,H,W,C] as in the geometry
     * @param b added to the result; null for none
     */
    private void run(ConvPass pass, ConvSpec g, Buffer x, Buffer w, Buffer y, Buffer b) {
        ConvTensors floats = new ConvTensors((CudaBuffer) x, (CudaBuffer) w, (CudaBuffer) y);
        try (Scratch scratch = new Scratch(memory)) {
            Prepared prepared = new Prepared(pass, g, floats, scratch);
            ConvPlan plan = plans.computeIfAbsent(new Key(pass, g), k -> algorithms.plan(pass, g, prepared::tensors));
            ConvOperands operands = plan.algorithm().operands();
            ConvTensors t = prepared.tensors(operands);
            plan.run(t);
            finish(pass, g, operands, pass.result(t), pass.result(floats), b);
        }
    }

    /** From the pass's result to ours. */
    private void finish(ConvPass pass, ConvSpec g, ConvOperands operands, Buffer from, Buffer to, Buffer b) {
        long n = pass.resultElements(g);
        if (b == null) {
            if (operands == ConvOperands.BF16) {
                bias.fromBf16(n, from, to);
            }
            return;
        }
        long columns = pass == ConvPass.FORWARD ? g.y().c() : g.x().c();
        if (operands == ConvOperands.BF16) {
            bias.addBiasBf16(n / columns, columns, from, b, to);
        } else {
            bias.addBias(n / columns, columns, to, b);
        }
    }

    /** The tensors of one call as its plan wants them, cast once for each kind of operands that is asked for. */
    private final class Prepared {
        private final ConvPass pass;
        private final ConvSpec g;
        private final ConvTensors floats;
        private final Scratch scratch;
        private final Map<ConvOperands, ConvTensors> made = new HashMap<>();

        Prepared(ConvPass pass, ConvSpec g, ConvTensors floats, Scratch scratch) {
            this.pass = pass;
            this.g = g;
            this.floats = floats;
            this.scratch = scratch;
        }

        ConvTensors tensors(ConvOperands operands) {
            return made.computeIfAbsent(
                    operands,
                    o -> new ConvTensors(
                            tensor(o, floats.x(), g.x().count()),
                            tensor(o, floats.w(), g.weights()),
                            tensor(o, floats.y(), g.y().count())));
        }

        private CudaBuffer tensor(ConvOperands operands, CudaBuffer t, long n) {
            boolean result = t == pass.result(floats);
            boolean asItIs = operands == ConvOperands.FP32 || operands == ConvOperands.TF32;
            if (asItIs || result && operands == ConvOperands.ROUNDED) {
                return t;
            }
            CudaBuffer cast = scratch.allocate(n * operands.bytes());
            if (!result && operands == ConvOperands.BF16) {
                bias.toBf16(n, t, cast);
            } else if (!result) {
                bias.roundBf16(n, t, cast);
            }
            return cast;
        }
    }

    /** The algorithms in use: for tests and reports. */
    public Map<String, ConvAlgorithm> inUse() {
        Map<String, ConvAlgorithm> all = new HashMap<>();
        plans.forEach((key, plan) -> all.put(key.pass() + " " + key.geometry(), plan.algorithm()));
        return all;
    }

    @Override
    public void close() {
        plans.values().forEach(ConvPlan::close);
        plans.clear();
    }
}
