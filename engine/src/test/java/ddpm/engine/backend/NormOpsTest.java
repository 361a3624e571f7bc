package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static java.lang.Math.sqrt;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.NormOps.Activation;
import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Case;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OnEachPrecision;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.Reference;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

class NormOpsTest {
    private static final float EPS = 1e-5f;
    private static final List<Nhwc> ODD = List.of(
            new Nhwc(1, 1, 1, 4),
            new Nhwc(2, 3, 5, 6),
            new Nhwc(1, 7, 9, 8),
            new Nhwc(3, 2, 1, 12),
            new Nhwc(2, 5, 5, 17));
    private static final Nhwc LARGE = new Nhwc(2, 28, 27, 32);
    private static final List<Data> KINDS = List.of(normal(0, 1), normal(100, 1), normal(0, 1e-3), normal(-3000, 1));

    /** Every number of groups that divides C, on plain, shifted, tiny and far shifted data. */
    @OnEachDevice
    void groupNorm(Device device) {
        cases(device, Activation.NONE);
    }

    @OnEachDevice
    void groupNormSilu(Device device) {
        cases(device, Activation.SILU);
    }

    /** Stored for a convolution, the result is rounded once, as the convolution would: all that follows has the same bits. */
    @OnEachPrecision
    void storedForAConvolution(Device device) {
        float[][] plain = throughConvolution(device.backend(), false);
        float[][] stored = throughConvolution(device.backend(), true);
        for (int i = 0; i < plain.length; i++) {
            assertArrayEquals(plain[i], stored[i], "result " + i);
        }
    }

    /** y of a convolution of five images, and gradients of all that led to it: shares of the threads differ in size. */
    private static float[][] throughConvolution(Backend backend, boolean stored) {
        Random random = new Random(OpCheck.SEED);
        try (Scope scope = Scope.recording(backend)) {
            Tensor x = leaf(scope, random, 5, 7, 6, 8);
            Tensor w = leaf(scope, random, 16, 3, 3, 8);
            Tensor b = leaf(scope, random, 16);
            Tensor gamma = leaf(scope, random, 8);
            Tensor beta = leaf(scope, random, 8);
            Tensor n = stored ? x.groupNormSiluOperand(gamma, beta, 4, EPS) : x.groupNormSilu(gamma, beta, 4, EPS);
            boolean halved = stored && backend.operands() == Precision.BF16;
            assertEquals(halved ? DType.BF16 : DType.F32, n.dtype());
            if (halved) {
                assertThrows(TensorException.class, n::silu);
            }
            Tensor y = n.conv2d(w, b, 1, 1);
            float[] value = y.toFloats();
            Gradients g = scope.tape().backward(y.mse(leaf(scope, random, 5, 7, 6, 16)));
            return new float[][] {
                value,
                g.of(x).toFloats(),
                g.of(w).toFloats(),
                g.of(b).toFloats(),
                g.of(gamma).toFloats()
            };
        }
    }

    private static Tensor leaf(Scope scope, Random random, long... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[(int) shape.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.leaf(shape, values);
    }

    private static void cases(Device device, Activation activation) {
        for (Nhwc x : ODD) {
            LongStream.rangeClosed(1, x.c()).filter(g -> x.c() % g == 0).forEach(groups -> {
                for (Data data : KINDS) {
                    check(device, new GroupNorm(x, groups, EPS).then(activation), data);
                }
            });
        }
        check(device, new GroupNorm(LARGE, 8, EPS).then(activation), normal(0, 1));
        check(device, new GroupNorm(LARGE, 1, EPS).then(activation), normal(100, 1));
    }

    private static void check(Device device, GroupNorm g, Data data) {
        boolean silu = g.activation() == Activation.SILU;
        Nhwc x = g.x();
        long terms = x.pixels() * g.groupChannels();
        OpCheck.on(device, (silu ? "groupNormSilu " : "groupNorm ") + "G=" + g.groups())
                .input("x", data, x.n(), x.h(), x.w(), x.c())
                .input("gamma", normal(1, 0.3), x.c())
                .input("beta", normal(0, 0.3), x.c())
                .reference(in -> {
                    double[] y = Reference.groupNorm(g, in.x(), in.gamma(), in.beta());
                    return silu ? Reference.silu(y) : y;
                })
                .op(in -> silu
                        ? in.x().groupNormSilu(in.gamma(), in.beta(), (int) g.groups(), g.eps())
                        : in.x().groupNorm(in.gamma(), in.beta(), (int) g.groups(), g.eps()))
                .entries(x.count() > 10_000 ? 2 : 8)
                .sum("y", terms, c -> c.max("gamma") + c.max("beta"))
                .sum(
                        "dx",
                        terms,
                        c -> c.max("gamma") * c.max("dy") * spread(g, c).inverseStd())
                .sum("dgamma", x.n() * x.pixels(), c -> c.sumOf(c.rms("dy")))
                .sum("dbeta", x.n() * x.pixels(), c -> c.sumOf(c.rms("dy")))
                .tolerance(c -> 4 * U * sqrt(c.terms()) * (1 + spread(g, c).shift()) * c.scale())
                .checkForwardAndGradients();
    }

    /**
     * What the data cost in precision: x rounds, or its mean does, by U |mean|, which is {@code shift} times U of the
     * normalised value.
     *
     * @param shift largest |mean| / std of a group
     * @param inverseStd largest 1 / std of a group, std = sqrt(var + eps)
     */
    private record Spread(double shift, double inverseStd) {}

    private static Spread spread(GroupNorm g, Case c) {
        int pixels = (int) g.x().pixels();
        double shift = 0;
        double inverseStd = 0;
        for (int n = 0; n < g.x().n(); n++) {
            for (int group = 0; group < g.groups(); group++) {
                double sum = 0;
                double squares = 0;
                for (int p = 0; p < pixels; p++) {
                    for (int k = 0; k < g.groupChannels(); k++) {
                        double v = c.in().x()[(int) ((n * pixels + p) * g.x().c() + group * g.groupChannels() + k)];
                        sum += v;
                        squares += v * v;
                    }
                }
                double m = pixels * g.groupChannels();
                double std = sqrt(Math.max(0, squares / m - sum / m * sum / m) + g.eps());
                shift = Math.max(shift, Math.abs(sum / m) / std);
                inverseStd = Math.max(inverseStd, 1 / std);
            }
        }
        return new Spread(shift, inverseStd);
    }

    /** The fused operation and its composed twin, on the device: result and all three gradients. */
    @OnEachDevice
    void fusedAgreesWithComposed(Device device) {
        for (Nhwc x : ODD) {
            float[][] fused = run(device, x, true);
            float[][] composed = run(device, x, false);
            for (int i = 0; i < fused.length; i++) {
                double scale = 0;
                for (float v : composed[i]) {
                    scale = Math.max(scale, Math.abs(v));
                }
                long terms = i < 2 ? x.pixels() * x.c() : x.n() * x.pixels();
                for (int k = 0; k < fused[i].length; k++) {
                    String at = "result " + i + " [" + k + "] of " + x;
                    assertEquals(composed[i][k], fused[i][k], 8 * U * sqrt(terms) * scale, at);
                }
            }
        }
    }

    private static float[][] run(Device device, Nhwc x, boolean fused) {
        Random random = new Random(OpCheck.SEED);
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor in = scope.leaf(Shape.of(x), gaussians(random, x.count(), 0));
            Tensor gamma = scope.leaf(Shape.of(x.c()), gaussians(random, x.c(), 1));
            Tensor beta = scope.leaf(Shape.of(x.c()), gaussians(random, x.c(), 0));
            Tensor target = scope.tensor(Shape.of(x), gaussians(random, x.count(), 0));
            Tensor y = fused
                    ? in.groupNormSilu(gamma, beta, 1, EPS)
                    : in.groupNorm(gamma, beta, 1, EPS).silu();
            float[] values = y.toFloats();
            Gradients g = scope.tape().backward(y.mse(target));
            return new float[][] {
                values, g.of(in).toFloats(), g.of(gamma).toFloats(), g.of(beta).toFloats()
            };
        }
    }

    private static float[] gaussians(Random random, long count, double mean) {
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (mean + random.nextGaussian());
        }
        return values;
    }
}
