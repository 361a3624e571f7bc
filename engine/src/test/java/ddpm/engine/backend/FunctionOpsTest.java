package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.ElementwiseOps.Function;
import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Functions;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Functions of an element, and what becomes of two. */
class FunctionOpsTest {
    private static final long[][] ODD = {{1}, {7}, {2, 3, 5, 6}, {3, 37, 41, 23}};

    /** All that is computed here rounds some times: exp, a quotient, products. oneDNN's exp, tanh and erf have 4 U at most. */
    private static final int ROUNDINGS = 8;

    private static Tensor op(Function f, Tensor x) {
        return switch (f) {
            case RELU -> x.relu();
            case GELU -> x.gelu();
            case TANH -> x.tanh();
            case SIGMOID -> x.sigmoid();
            case EXP -> x.exp();
            case LOG -> x.log();
            case SQRT -> x.sqrt();
            case GELU_TANH -> x.geluTanh();
        };
    }

    private static Tensor op(Pair pair, Tensor a, Tensor b) {
        return switch (pair) {
            case SUBTRACT -> a.sub(b);
            case MULTIPLY -> a.mul(b);
            case DIVIDE -> a.div(b);
        };
    }

    @OnEachDevice
    void functions(Device device) {
        for (Function f : Function.values()) {
            Data data = Functions.positive(f) ? normal(3, 0.4) : normal(0, 2);
            for (long[] shape : ODD) {
                if (f == Function.RELU && Shape.of(shape).count() > 1000) {
                    continue; // of so many some lie so near the corner that a difference sees both sides
                }
                OpCheck.on(device, f.name())
                        .input("x", data, shape)
                        .reference(in -> map(in.x(), x -> Functions.value(f, x)))
                        .op(in -> op(f, in.x()))
                        .entries(3)
                        .sum("y", 1, c -> 1)
                        .sum("dx", 1, c -> c.max("dy") * (f == Function.EXP ? Math.exp(c.max("x")) : 1))
                        .tolerance(c -> ROUNDINGS * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    /**
     * One element at a time, so that the error is relative to it. exp(x) has an error of |x| U; the normal distribution's tail is as
     * good as exp(-x^2 / 2) on CUDA, and as good as 1 - erf elsewhere; results below the normal range may be flushed to zero.
     */
    @OnEachDevice
    void extremes(Device device) {
        float[] extremes = {1e-30f, 1e-4f, 0.3f, 1, 4, 8.5f, 30, 80, 87, 1e4f, 1e19f};
        for (Function f : Function.values()) {
            for (float size : extremes) {
                if (f == Function.EXP && size > 88 || f == Function.GELU_TANH && size > 1e12f) {
                    continue; // infinite, or its cube is
                }
                for (float x : Functions.positive(f) ? new float[] {size} : new float[] {size, -size}) {
                    double wide = f == Function.GELU || f == Function.GELU_TANH ? Math.abs(x) : 0;
                    OpCheck.on(device, f + " x=" + x)
                            .input("x", new float[] {x}, size, 1)
                            .reference(in -> map(in.x(), v -> Functions.value(f, v)))
                            .op(in -> op(f, in.x()))
                            .tolerance(c ->
                                    U * (ROUNDINGS + Math.min(size, 110)) * c.scale() + U * wide + 2 * Float.MIN_NORMAL)
                            .checkForward();
                    float slope = slope(device, f, x);
                    double want = Functions.slope(f, x);
                    double allowed = U * (ROUNDINGS + 2 * Math.min(size, 110)) * Math.abs(want)
                            + (bounded(f) ? 4 * U * factor(f, x) : 0)
                            + 2 * Float.MIN_NORMAL;
                    assertEquals(want, slope, allowed, f + "'(" + x + ") on " + device);
                }
            }
        }
    }

    /** Of these the slope is a difference of numbers near 1 on the CPU. */
    private static boolean bounded(Function f) {
        return f == Function.GELU || f == Function.GELU_TANH || f == Function.TANH || f == Function.SIGMOID;
    }

    /** What that difference is times: of the approximation by tanh 1 + |x| du/dx, until tanh is 1 to the last bit. */
    private static double factor(Function f, double x) {
        double size = Math.min(8, Math.abs(x));
        return f == Function.GELU_TANH ? 1 + size * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * size * size) : 1;
    }

    private static float slope(Device device, Function f, float x) {
        try (Scope scope = Scope.recording(new Guarded(device.backend()))) {
            Tensor leaf = scope.leaf(Shape.of(1), new float[] {x});
            return scope.tape().backward(op(f, leaf).sum()).of(leaf).toFloats()[0];
        }
    }

    /** Where functions end, and what is no number stays none. */
    @OnEachDevice
    void edges(Device device) {
        float inf = Float.POSITIVE_INFINITY;
        float nan = Float.NaN;
        assertValues(device, Function.RELU, new float[] {0, -inf, inf, nan}, new float[] {0, 0, inf, nan});
        assertValues(device, Function.TANH, new float[] {0, -inf, inf, nan}, new float[] {0, -1, 1, nan});
        assertValues(device, Function.SIGMOID, new float[] {0, inf, nan}, new float[] {0.5f, 1, nan});
        assertValues(device, Function.EXP, new float[] {0, -inf, inf}, new float[] {1, 0, inf});
        assertValues(device, Function.LOG, new float[] {1, 0, inf, -1, nan}, new float[] {0, -inf, inf, nan, nan});
        assertValues(device, Function.SQRT, new float[] {0, 4, inf, -1, nan}, new float[] {0, 2, inf, nan, nan});
        assertEquals(0, slope(device, Function.RELU, 0), "relu'(0) on " + device);
    }

    private static void assertValues(Device device, Function f, float[] x, float[] want) {
        try (Scope scope = Scope.on(device.backend())) {
            float[] got = op(f, scope.tensor(Shape.of(x.length), x)).toFloats();
            assertArrayEquals(want, got, 0, f + " on " + device);
        }
    }

    @OnEachDevice
    void pairs(Device device) {
        for (Pair pair : Pair.values()) {
            Data divisor = pair == Pair.DIVIDE ? normal(3, 0.3) : normal(0, 1);
            for (long[] shape : ODD) {
                OpCheck check = OpCheck.on(device, pair.name())
                        .input("a", normal(1, 2), shape)
                        .input("b", divisor, shape)
                        .reference(in -> IntStream.range(0, in.b().length)
                                .mapToDouble(i -> Functions.of(pair, in.get("a")[i], in.b()[i]))
                                .toArray())
                        .op(in -> op(pair, in.get("a"), in.b()))
                        .entries(3)
                        .sum("da", 1, c -> c.max("dy"))
                        .sum("db", 1, c -> c.max("dy") * c.max("a"))
                        .tolerance(c -> 4 * U * c.scale());
                (pair == Pair.DIVIDE ? check : check.quadratic()).checkForwardAndGradients();
            }
        }
    }

    /** Both operands may be one tensor: x * x has the slope 2 x, x / x is 1 whatever x. */
    @OnEachDevice
    void ofItself(Device device) {
        try (Scope scope = Scope.recording(new Guarded(device.backend()))) {
            Tensor x = scope.leaf(Shape.of(3), new float[] {1, -2, 4});
            assertArrayEquals(
                    new float[] {2, -4, 8},
                    scope.tape().backward(x.mul(x).sum()).of(x).toFloats());
        }
        try (Scope scope = Scope.recording(new Guarded(device.backend()))) {
            Tensor x = scope.leaf(Shape.of(3), new float[] {1, -2, 4});
            assertArrayEquals(
                    new float[3], scope.tape().backward(x.div(x).sum()).of(x).toFloats());
        }
    }

    @OnEachDevice
    void shapesThatDiffer(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor a = scope.tensor(Shape.of(2, 3), new float[6]);
            Tensor b = scope.tensor(Shape.of(3, 2), new float[6]);
            for (Pair pair : Pair.values()) {
                String message = assertThrows(TensorException.class, () -> op(pair, a, b))
                        .getMessage();
                assertTrue(message.contains("shapes differ, [2,3] and [3,2]"), message);
            }
        }
    }

    private static double[] map(double[] x, DoubleUnaryOperator f) {
        return Arrays.stream(x).map(f).toArray();
    }
}
