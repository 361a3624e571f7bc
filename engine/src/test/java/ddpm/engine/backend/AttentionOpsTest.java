package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static java.lang.Math.max;
import static java.lang.Math.sqrt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OnEachPrecision;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.function.Executable;

class AttentionOpsTest {
    private static final List<Attention> ODD = List.of(
            new Attention(1, 1, 1, 1),
            new Attention(3, 1, 4, 4),
            new Attention(2, 2, 1, 8),
            new Attention(2, 7, 3, 2),
            new Attention(1, 63, 2, 8),
            new Attention(3, 30, 4, 16),
            new Attention(1, 49, 2, 32),
            new Attention(2, 33, 5, 1),
            new Attention(1, 50, 4, 5),
            new Attention(5, 197, 2, 4));

    @OnEachPrecision
    void attention(Device device) {
        for (Attention g : ODD) {
            for (Data data : List.of(normal(0, 1), normal(0, 1e-3), normal(3, 1))) {
                float[] qkv = values(g, data, 1);
                check(device, g, qkv, data.std(), 6, g.n(), g.tokens(), 3 * g.width());
            }
        }
    }

    /** More tokens than any block of rows or columns: 30 x 30 pixels. */
    @OnEachPrecision
    void large(Device device) {
        for (Attention g :
                List.of(new Attention(1, 900, 2, 4), new Attention(1, 900, 1, 16), new Attention(2, 401, 1, 2))) {
            check(device, g, values(g, normal(0, 1), 1), 1, 3, g.n(), g.tokens(), 3 * g.width());
        }
    }

    /** An image [N,H,W,3C] is its pixels in order. */
    @OnEachDevice
    void image(Device device) {
        Attention g = new Attention(2, 30, 3, 4);
        check(device, g, values(g, normal(0, 1), 1), 1, 6, 2, 5, 6, 36);
    }

    /** q and k times 100: logits in the thousands, whose exp overflows unless the largest is taken off first. */
    @OnEachDevice
    void extremeLogits(Device device) {
        for (Attention g : ODD) {
            check(device, g, values(g, normal(0, 1), 100), 1, 6, g.n(), g.tokens(), 3 * g.width());
        }
        Attention big = new Attention(1, 500, 2, 4);
        check(device, big, values(big, normal(0, 1), 100), 1, 3, big.n(), big.tokens(), 3 * big.width());
    }

    /**
     * As in a network: queries, keys, values and results stored for products, between a norm and a linear layer. The same bits
     * where they are stored in F32; else rounding each of them moves the logits, and what is summed, by U.
     */
    @OnEachPrecision
    void stored(Device device) {
        Backend backend = device.backend();
        for (Nhwc x : List.of(new Nhwc(1, 1, 1, 8), new Nhwc(3, 5, 3, 16), new Nhwc(2, 19, 23, 32))) {
            List<float[]> plain = unit(backend, x, false);
            List<float[]> stored = unit(backend, x, true);
            double allowed = backend.operands() == Precision.FP32
                    ? 0
                    : 16 * backend.precision().unitRoundoff();
            for (int i = 0; i < plain.size(); i++) {
                double scale = 0;
                double difference = 0;
                for (int k = 0; k < plain.get(i).length; k++) {
                    scale = max(scale, Math.abs(plain.get(i)[k]));
                    difference = max(difference, Math.abs(plain.get(i)[k] - stored.get(i)[k]));
                }
                assertTrue(
                        difference <= allowed * scale,
                        "result " + i + " of " + x + ": off by " + difference + " of " + scale);
            }
        }
    }

    /** norm, projection, attention, projection: the result and the gradients of all that goes in. */
    private static List<float[]> unit(Backend backend, Nhwc g, boolean stored) {
        int c = (int) g.c();
        Random random = new Random(OpCheck.SEED);
        try (Scope scope = Scope.recording(new Guarded(backend))) {
            Tensor x = leaf(scope, random, 1, g.n(), g.h(), g.w(), c);
            Tensor gamma = leaf(scope, random, 1, c);
            Tensor beta = leaf(scope, random, 0.1, c);
            Tensor in = leaf(scope, random, 1 / sqrt(c), 3 * c, c);
            Tensor inBias = leaf(scope, random, 0.1, 3 * c);
            Tensor out = leaf(scope, random, 1 / sqrt(c), c, c);
            Tensor outBias = leaf(scope, random, 0.1, c);
            Tensor n = stored ? x.groupNormOperand(gamma, beta, 4, 1e-5f) : x.groupNorm(gamma, beta, 4, 1e-5f);
            Tensor qkv = stored ? n.linearOperand(in, inBias) : n.linear(in, inBias);
            Tensor heads = qkv.attention(4);
            DType type = stored && backend.operands() == Precision.BF16 ? DType.BF16 : DType.F32;
            assertEquals(List.of(type, type, type), List.of(n.dtype(), qkv.dtype(), heads.dtype()));
            Tensor y = heads.linear(out, outBias);
            List<float[]> results = new ArrayList<>(List.of(y.toFloats()));
            Gradients of = scope.tape().backward(y.mse(leaf(scope, random, 1, g.n(), g.h(), g.w(), c)));
            for (Tensor t : List.of(x, gamma, beta, in, inBias, out, outBias)) {
                results.add(of.of(t).toFloats());
            }
            return results;
        }
    }

    private static Tensor leaf(Scope scope, Random random, double std, long... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[(int) shape.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (std * random.nextGaussian());
        }
        return scope.leaf(shape, values);
    }

    /** What is stored for products has one reader and none of another kind. */
    @OnEachPrecision
    void readersOfStored(Device device) {
        try (Scope scope = Scope.recording(device.backend())) {
            Random random = new Random(OpCheck.SEED);
            Tensor n = leaf(scope, random, 1, 1, 3, 3, 8)
                    .groupNormOperand(leaf(scope, random, 1, 8), leaf(scope, random, 1, 8), 4, 1e-5f);
            Tensor qkv = n.linearOperand(leaf(scope, random, 1, 24, 8), leaf(scope, random, 1, 24));
            Tensor zero = scope.zeros(Shape.of(1, 3, 3, 8));
            Tensor loss = qkv.attention(2)
                    .linear(leaf(scope, random, 1, 8, 8), leaf(scope, random, 1, 8))
                    .mse(zero);
            if (device.backend().operands() == Precision.FP32) {
                return;
            }
            for (Executable refused : List.<Executable>of(
                    n::silu, qkv::sum, () -> qkv.attention(2).add(zero))) {
                String message = assertThrows(TensorException.class, refused).getMessage();
                assertTrue(message.contains("needs F32 operands, got BF16"), message);
            }
            Tensor again = qkv.attention(4)
                    .linear(leaf(scope, random, 1, 8, 8), leaf(scope, random, 1, 8))
                    .mse(zero);
            Tensor both = loss.add(again);
            String message = assertThrows(
                            TensorException.class, () -> scope.tape().backward(both))
                    .getMessage();
            assertTrue(message.contains("read by two operations"), message);
        }
    }

    private static void check(Device device, Attention g, float[] qkv, double std, int entries, long... shape) {
        Scores s = scores(g, qkv);
        OpCheck.on(device, "attention T=" + g.tokens() + " heads=" + g.heads() + " d=" + g.headDim())
                .input("qkv", qkv, std, shape)
                .reference(in -> Reference.attention(g, in.get("qkv")))
                .op(in -> in.get("qkv").attention((int) g.heads()))
                .entries(entries)
                .sum("y", g.tokens(), c -> 0)
                // dq sums keys, and dk queries, times weight times dy v; dv sums weight times dy
                .sum("dqkv", g.tokens(), c -> c.max("dy") * s.weight() * max(1, s.key() * s.value()))
                .tolerance(c -> 4 * c.u() * (1 + s.logit() + sqrt(c.terms())) * c.scale())
                .checkForwardAndGradients();
    }

    /**
     * What rounding does: a logit is off by U times the sum of its absolute terms, and exp makes that a relative error of
     * its weight.
     *
     * @param logit largest sum of |q k| / sqrt(d)
     * @param weight largest softmax weight
     * @param key largest |q| or |k|
     * @param value largest |v|
     */
    private record Scores(double logit, double weight, double key, double value) {}

    private static Scores scores(Attention g, float[] qkv) {
        int c = (int) g.width();
        int d = (int) g.headDim();
        double logit = 0;
        double weight = 0;
        double key = 0;
        double value = 0;
        for (int i = 0; i < qkv.length; i++) {
            boolean isValue = i % (3 * c) >= 2 * c;
            value = isValue ? max(value, Math.abs(qkv[i])) : value;
            key = isValue ? key : max(key, Math.abs(qkv[i]));
        }
        for (int n = 0; n < g.n(); n++) {
            for (int q = 0; q < g.tokens() * g.heads(); q++) {
                int token = (int) (n * g.tokens() + q / g.heads());
                int at = token * 3 * c + (int) (q % g.heads()) * d;
                double best = Double.NEGATIVE_INFINITY;
                double sum = 0; // of exp(dot - best)
                for (int k = 0; k < g.tokens(); k++) {
                    int to = (int) ((n * g.tokens() + k) * 3 * c + c + q % g.heads() * d);
                    double dot = 0;
                    double size = 0;
                    for (int l = 0; l < d; l++) {
                        dot += qkv[at + l] * qkv[to + l] / sqrt(d);
                        size += Math.abs(qkv[at + l] * qkv[to + l]) / sqrt(d);
                    }
                    logit = max(logit, size);
                    sum = dot > best ? sum * Math.exp(best - dot) + 1 : sum + Math.exp(dot - best);
                    best = max(best, dot);
                }
                weight = max(weight, 1 / sum);
            }
        }
        return new Scores(logit, weight, key, value);
    }

    /** Normals, queries and keys times {@code factor}; the same in every run, as g.hashCode(), with an enum's in it, is not. */
    private static float[] values(Attention g, Data data, double factor) {
        Random random = new Random(OpCheck.SEED + g.toString().hashCode());
        float[] qkv = new float[(int) (g.n() * g.tokens() * 3 * g.width())];
        for (int i = 0; i < qkv.length; i++) {
            boolean value = i % (3 * g.width()) >= 2 * g.width();
            qkv[i] = (float) ((data.mean() + data.std() * random.nextGaussian()) * (value ? 1 : factor));
        }
        return qkv;
    }
}
