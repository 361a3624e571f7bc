package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static java.lang.Math.sqrt;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.ElementwiseOps.Waves;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.Reference;
import ddpm.engine.testing.TransformerReference;
import java.util.List;
import java.util.Random;

class ElementwiseOpsTest {
    private static final long[][] ODD = {{1}, {7}, {1, 1, 1, 4}, {2, 3, 5, 6}, {1, 7, 9, 8}, {3, 37, 41, 23}};
    private static final List<Data> KINDS = List.of(normal(0, 1), normal(100, 1), normal(0, 1e-3));

    @OnEachDevice
    void add(Device device) {
        for (long[] shape : ODD) {
            for (Data data : KINDS) {
                for (boolean inPlace : new boolean[] {false, true}) {
                    OpCheck.on(device, inPlace ? "addInPlace" : "add")
                            .input("a", data, shape)
                            .input("b", normal(0, 1), shape)
                            .reference(in -> Reference.add(in.get("a"), in.b()))
                            .op(in -> inPlace
                                    ? in.get("a").scale(1).addInPlace(in.b())
                                    : in.get("a").add(in.b()))
                            .quadratic()
                            .entries(2)
                            .tolerance(c -> U * c.scale())
                            .checkForwardAndGradients();
                }
            }
        }
    }

    @OnEachDevice
    void scale(Device device) {
        for (long[] shape : ODD) {
            for (float factor : new float[] {0, -1, 0.3f, 1e6f}) {
                OpCheck.on(device, "scale " + factor)
                        .input("x", normal(0, 1), shape)
                        .reference(in -> Reference.scale(factor, in.x()))
                        .op(in -> in.x().scale(factor))
                        .quadratic()
                        .entries(2)
                        .sum("dx", 1, c -> Math.abs(factor) * c.max("dy"))
                        .tolerance(c -> U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    @OnEachDevice
    void silu(Device device) {
        for (long[] shape : ODD) {
            for (Data data : KINDS) {
                OpCheck.on(device, "silu")
                        .input("x", data, shape)
                        .reference(in -> Reference.silu(in.x()))
                        .op(in -> in.x().silu())
                        .entries(2)
                        .sum("dx", 1, c -> c.max("dy"))
                        .tolerance(c -> 4 * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    /**
     * One element at a time, so that the error is relative to it. exp(-x) has an error of |x| U, and results below the
     * normal range may be flushed to zero.
     */
    @OnEachDevice
    void siluExtremes(Device device) {
        float[] extremes = {0f, 1e-30f, 1, 10, 17, 30, 80, 88.5f, 89, 100, 104, 1000, 1e19f, 3e38f};
        for (float magnitude : extremes) {
            for (float x : new float[] {magnitude, -magnitude}) {
                OpCheck.on(device, "silu x=" + x)
                        .input("x", new float[] {x}, magnitude == 0 ? 1e-3 : magnitude, 1)
                        .reference(in -> Reference.silu(in.x()))
                        .op(in -> in.x().silu())
                        .sum("dx", 1, c -> x > -10 ? c.max("dy") : 0)
                        .tolerance(c -> U * (4 + Math.min(magnitude, 110)) * c.scale()
                                + Float.MIN_NORMAL * Math.max(1, Math.min(magnitude, 110)))
                        .checkForwardAndGradients();
            }
        }
    }

    @OnEachDevice
    void addPerImage(Device device) {
        for (Nhwc x : List.of(
                new Nhwc(1, 1, 1, 4),
                new Nhwc(2, 3, 5, 6),
                new Nhwc(1, 7, 9, 8),
                new Nhwc(2, 59, 61, 19),
                new Nhwc(3, 4, 4, 1))) {
            for (Data data : KINDS) {
                for (boolean inPlace : new boolean[] {false, true}) {
                    OpCheck.on(device, inPlace ? "addPerImageInPlace" : "addPerImage")
                            .input("x", data, x.n(), x.h(), x.w(), x.c())
                            .input("b", normal(0, 1), x.n(), x.c())
                            .reference(in -> Reference.addPerImage(x, in.x(), in.b()))
                            .op(in -> inPlace
                                    ? in.x().scale(1).addPerImageInPlace(in.b())
                                    : in.x().addPerImage(in.b()))
                            .quadratic()
                            .entries(2)
                            .sum("db", x.pixels(), c -> c.sumOf(c.rms("dy")))
                            .tolerance(c -> (c.terms() == 1 ? 1 : 4) * U * sqrt(c.terms()) * c.scale())
                            .checkForwardAndGradients();
                }
            }
        }
    }

    /** y is the sum of two terms, and the gradient of a scale one over pixels of products. */
    @OnEachDevice
    void modulate(Device device) {
        for (Nhwc x : List.of(
                new Nhwc(1, 1, 1, 4),
                new Nhwc(2, 3, 5, 6),
                new Nhwc(1, 7, 9, 8),
                new Nhwc(2, 59, 61, 19),
                new Nhwc(3, 4, 4, 1))) {
            for (Data data : KINDS) {
                OpCheck.on(device, "modulate")
                        .input("x", data, x.n(), x.h(), x.w(), x.c())
                        .input("e", normal(0, 1), x.n(), 2 * x.c())
                        .reference(in -> Reference.modulate(x, in.x(), in.get("e")))
                        .op(in -> in.x().modulate(in.get("e")))
                        .quadratic()
                        .entries(3)
                        .sum("y", 2, c -> c.max("x") * (1 + c.max("e")))
                        .sum("dx", 1, c -> c.max("dy") * (1 + c.max("e")))
                        .sum("de", x.pixels(), c -> c.sumOf(c.rms("dy") * Math.max(1, c.max("x"))))
                        .tolerance(c -> 4 * U * sqrt(c.terms()) * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    /** y is the sum of two terms, and the gradient of a gate one over pixels of products. */
    @OnEachDevice
    void addGated(Device device) {
        for (Nhwc x : List.of(
                new Nhwc(1, 1, 1, 4),
                new Nhwc(2, 3, 5, 6),
                new Nhwc(1, 7, 9, 8),
                new Nhwc(2, 59, 61, 19),
                new Nhwc(3, 4, 4, 1))) {
            for (Data data : KINDS) {
                OpCheck.on(device, "addGated")
                        .input("x", data, x.n(), x.h(), x.w(), x.c())
                        .input("b", data, x.n(), x.h(), x.w(), x.c())
                        .input("gate", normal(0, 1), x.n(), x.c())
                        .reference(in -> TransformerReference.addGated(x, in.x(), in.b(), in.get("gate")))
                        .op(in -> in.x().addGated(in.b(), in.get("gate")))
                        .quadratic()
                        .entries(3)
                        .sum("y", 2, c -> c.max("x") + c.max("b") * c.max("gate"))
                        .sum("dx", 1, c -> c.max("dy"))
                        .sum("db", 1, c -> c.max("dy") * c.max("gate"))
                        .sum("dgate", x.pixels(), c -> c.sumOf(c.rms("dy") * c.max("b")))
                        .tolerance(c -> 4 * U * sqrt(c.terms()) * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    /** The angle t / f has an error of 2 U t, and so have its sine and cosine. */
    @OnEachDevice
    void timestepEmbedding(Device device) {
        float[] t = {0, 1, 2, 10, 17, 499, 700, 998, 999, 3999, 0.25f, 498.7f, 998.999f};
        for (int dim : new int[] {2, 6, 32, 128, 256}) {
            for (float shift : new float[] {0, 0.5f, 1}) {
                for (boolean cosinesFirst : new boolean[] {false, true}) {
                    Waves g = new Waves(t.length, dim, shift, cosinesFirst);
                    if (g.span() > 0) {
                        timestepEmbedding(device, g, t);
                    }
                }
            }
        }
    }

    private static void timestepEmbedding(Device device, Waves g, float[] t) {
        double[] want = Reference.timestepEmbedding(g, t);
        int dim = g.dim();
        try (Scope scope = Scope.on(device.backend())) {
            float[] got = scope.tensor(Shape.of(t.length), t)
                    .timestepEmbedding(dim, g.shift(), g.cosinesFirst())
                    .toFloats();
            for (int i = 0; i < want.length; i++) {
                assertEquals(
                        want[i], got[i], U * (2 + 2 * t[i / dim]), g + ", t=" + t[i / dim] + ", column " + i % dim);
            }
        }
    }

    /** The interface allows results over any input. */
    @OnEachDevice
    void resultsMayOverwriteInputs(Device device) {
        ElementwiseOps ops = device.backend().elementwise();
        Nhwc g = new Nhwc(2, 19, 23, 7);
        try (Scope scope = Scope.on(device.backend())) {
            Tensor a = random(scope, Shape.of(g), 1);
            Tensor b = random(scope, Shape.of(g), 2);
            Tensor perImage = random(scope, Shape.of(g.n(), g.c()), 3);
            Tensor y = scope.empty(Shape.of(g));
            long n = g.count();

            ops.add(n, a.buffer(), b.buffer(), y.buffer());
            same(y, scope, a, x -> ops.add(n, x.buffer(), b.buffer(), x.buffer()));
            same(y, scope, b, x -> ops.add(n, a.buffer(), x.buffer(), x.buffer()));
            ops.scale(n, 3, a.buffer(), y.buffer());
            same(y, scope, a, x -> ops.scale(n, 3, x.buffer(), x.buffer()));
            ops.silu(n, a.buffer(), y.buffer());
            same(y, scope, a, x -> ops.silu(n, x.buffer(), x.buffer()));
            ops.siluBackward(n, a.buffer(), b.buffer(), y.buffer());
            same(y, scope, a, x -> ops.siluBackward(n, x.buffer(), b.buffer(), x.buffer()));
            same(y, scope, b, x -> ops.siluBackward(n, a.buffer(), x.buffer(), x.buffer()));
            ops.addPerImage(g, a.buffer(), perImage.buffer(), y.buffer());
            same(y, scope, a, x -> ops.addPerImage(g, x.buffer(), perImage.buffer(), x.buffer()));
        }
    }

    private interface InPlace {
        void run(Tensor x);
    }

    private static void same(Tensor want, Scope scope, Tensor input, InPlace op) {
        Tensor copy = scope.tensor(input.shape(), input.toFloats());
        op.run(copy);
        assertArrayEquals(want.toFloats(), copy.toFloats());
    }

    /** Doubling by the same tensor on both sides. */
    @OnEachDevice
    void addToItself(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor x = random(scope, Shape.of(1000), 4);
            float[] before = x.toFloats();
            float[] twice = x.addInPlace(x).toFloats();
            for (int i = 0; i < before.length; i++) {
                assertEquals(2 * before[i], twice[i]);
            }
            assertTrue(before[0] != 0);
        }
    }

    private static Tensor random(Scope scope, Shape shape, long seed) {
        Random random = new Random(OpCheck.SEED + seed);
        float[] values = new float[(int) shape.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.tensor(shape, values);
    }
}
