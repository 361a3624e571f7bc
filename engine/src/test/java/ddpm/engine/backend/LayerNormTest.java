package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static java.lang.Math.sqrt;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.NormOps.LayerNorm;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Case;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.TransformerReference;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Rows normalised by themselves, with a gain and a bias and without. */
class LayerNormTest {
    private static final float EPS = 1e-6f; // that of transformers of images

    /** Rows of one element to more than a block of the CPU has, and more rows than a part of CUDA's sums has. */
    private static final List<long[]> ODD = List.of(
            new long[] {1, 1},
            new long[] {3},
            new long[] {2, 5, 6},
            new long[] {2, 3, 5, 8},
            new long[] {7, 33},
            new long[] {150, 12},
            new long[] {131, 257},
            new long[] {2, 17_000});

    private static final List<Data> KINDS = List.of(normal(0, 1), normal(100, 1), normal(0, 1e-3), normal(-3000, 1));

    @OnEachDevice
    void layerNorm(Device device) {
        for (long[] shape : ODD) {
            for (Data data : Shape.of(shape).count() > 10_000 ? KINDS.subList(0, 2) : KINDS) {
                check(device, shape, data, false);
                check(device, shape, data, true);
            }
        }
    }

    private static void check(Device device, long[] shape, Data data, boolean affine) {
        long c = shape[shape.length - 1];
        LayerNorm g = new LayerNorm(Shape.of(shape).count() / c, c, EPS);
        OpCheck check =
                OpCheck.on(device, "layerNorm" + (affine ? " affine" : "")).input("x", data, shape);
        if (affine) {
            check.input("gamma", normal(1, 0.3), c).input("beta", normal(0, 0.3), c);
        }
        check.reference(in -> TransformerReference.layerNorm(
                        g, in.x(), affine ? in.gamma() : null, affine ? in.beta() : null))
                .op(in -> affine
                        ? in.x().layerNorm(in.gamma(), in.beta(), EPS)
                        : in.x().layerNorm(EPS))
                .entries(g.rows() * c > 10_000 ? 2 : 8)
                .sum("y", c, k -> affine ? k.max("gamma") + k.max("beta") : 1)
                .sum(
                        "dx",
                        c,
                        k -> (affine ? k.max("gamma") : 1)
                                * k.max("dy")
                                * spread(g, k).inverseStd())
                .sum("dgamma", g.rows(), k -> k.sumOf(k.rms("dy")))
                .sum("dbeta", g.rows(), k -> k.sumOf(k.rms("dy")))
                .tolerance(k -> 4 * U * sqrt(k.terms()) * (1 + spread(g, k).shift()) * k.scale())
                .checkForwardAndGradients();
    }

    /**
     * What the data cost in precision, see {@link NormOpsTest}.
     *
     * @param shift largest |mean| / std of a row
     * @param inverseStd largest 1 / std of a row, std = sqrt(var + eps)
     */
    private record Spread(double shift, double inverseStd) {}

    private static Spread spread(LayerNorm g, Case k) {
        int c = (int) g.c();
        double shift = 0;
        double inverseStd = 0;
        for (int row = 0; row < g.rows(); row++) {
            double[] x = Arrays.copyOfRange(k.in().x(), row * c, (row + 1) * c);
            double mean = Arrays.stream(x).average().orElseThrow();
            double var = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / c;
            double std = sqrt(var + g.eps());
            shift = Math.max(shift, Math.abs(mean) / std);
            inverseStd = Math.max(inverseStd, 1 / std);
        }
        return new Spread(shift, inverseStd);
    }

    /** Its composed twin: a group normalisation of images of one pixel and one group. */
    @OnEachDevice
    void agreesWithGroupNorm(Device device) {
        for (int c : new int[] {5, 64, 300}) {
            int rows = 70;
            float[][] layer = run(device, rows, c, false);
            float[][] group = run(device, rows, c, true);
            for (int i = 0; i < layer.length; i++) {
                double scale = 0;
                for (float v : group[i]) {
                    scale = Math.max(scale, Math.abs(v));
                }
                for (int k = 0; k < layer[i].length; k++) {
                    String at = "result " + i + " [" + k + "] of C=" + c;
                    assertEquals(group[i][k], layer[i][k], 8 * U * sqrt(i < 2 ? c : rows) * scale, at);
                }
            }
        }
    }

    private static float[][] run(Device device, int rows, int c, boolean group) {
        Random random = new Random(OpCheck.SEED);
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor x = leaf(scope, random, rows, 1, 1, c);
            Tensor gamma = leaf(scope, random, c);
            Tensor beta = leaf(scope, random, c);
            Tensor y = group ? x.groupNorm(gamma, beta, 1, EPS) : x.layerNorm(gamma, beta, EPS);
            float[] values = y.toFloats();
            Gradients g = scope.tape().backward(y.mse(leaf(scope, random, rows, 1, 1, c)));
            return new float[][] {
                values, g.of(x).toFloats(), g.of(gamma).toFloats(), g.of(beta).toFloats()
            };
        }
    }

    private static Tensor leaf(Scope scope, Random random, long... dims) {
        float[] values = new float[(int) Shape.of(dims).count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.leaf(Shape.of(dims), values);
    }

    /** A row does not depend on those beside it: images must not depend on their batch. */
    @OnEachDevice
    void aRowAlone(Device device) {
        int c = 48;
        Random random = new Random(3);
        try (Scope scope = Scope.recording(device.backend())) {
            float[] all = leaf(scope, random, 90, c).layerNorm(EPS).toFloats();
            random.setSeed(3);
            float[] some = leaf(scope, random, 7, c).layerNorm(EPS).toFloats();
            assertArrayEquals(Arrays.copyOf(all, some.length), some);
        }
    }
}
