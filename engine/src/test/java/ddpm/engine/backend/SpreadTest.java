package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static java.lang.Math.sqrt;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.ArrayReference;
import ddpm.engine.testing.Case;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Functions;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Tag;

/** Pairs whose second operand is a vector, for each image or for all: rows, sequences and images, one and more. */
@Tag("kernels")
class SpreadTest {
    private static final long[][] SHAPES = {
        {1, 1}, {5, 3}, {1, 1, 4}, {3, 7, 5}, {1, 2, 3, 8}, {2, 3, 5, 6}, {5, 1, 1, 17}, {3, 19, 23, 40}
    };

    private record Pairing(String name, BinaryOperator<Tensor> op, DoubleBinaryOperator f, boolean quotient) {}

    private static final List<Pairing> PAIRINGS = List.of(
            new Pairing("add", Tensor::add, Double::sum, false),
            new Pairing("addInPlace", (a, b) -> a.scale(1).addInPlace(b), Double::sum, false),
            new Pairing("sub", Tensor::sub, (a, b) -> Functions.of(Pair.SUBTRACT, a, b), false),
            new Pairing("mul", Tensor::mul, (a, b) -> Functions.of(Pair.MULTIPLY, a, b), false),
            new Pairing("div", Tensor::div, (a, b) -> Functions.of(Pair.DIVIDE, a, b), true));

    @OnEachDevice
    void pairs(Device device) {
        for (Pairing p : PAIRINGS) {
            for (long[] shape : SHAPES) {
                long c = shape[shape.length - 1];
                pair(device, p, shape, c);
                if (shape.length > 2) {
                    pair(device, p, shape, shape[0], c);
                }
            }
        }
    }

    private static void pair(Device device, Pairing p, long[] shape, long... vectors) {
        int c = (int) shape[shape.length - 1];
        int images = (int) shape[0];
        long count = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        long summed = count / Arrays.stream(vectors).reduce(1, (a, b) -> a * b);
        Data second = p.quotient() ? normal(3, 0.3) : normal(0, 1);
        OpCheck check = OpCheck.on(device, p.name() + " of " + vectors.length)
                .input("x", normal(1, 2), shape)
                .input("b", second, vectors)
                .reference(in -> ArrayReference.spread(images, c, in.x(), in.b(), p.f()))
                .op(in -> p.op().apply(in.x(), in.b()))
                .entries(4)
                .sum("dx", 1, k -> k.max("dy") * (p.name().equals("mul") ? k.max("b") : 1))
                .sum(
                        "db",
                        summed,
                        k -> k.sumOf(k.rms("dy") * (p.name().equals("mul") || p.quotient() ? k.max("x") : 1)))
                .tolerance(SpreadTest::tolerance);
        (p.quotient() ? check : check.quadratic()).checkForwardAndGradients();
    }

    /** Some roundings of each term; partial sums of n independent terms are off by sqrt(n / 2) U, some of many by four times that. */
    private static double tolerance(Case c) {
        return 4 * U * sqrt(c.terms()) * c.scale();
    }

    /** An element of each image lies on another number of the second, and the second of an image may be that of no other. */
    @OnEachDevice
    void whichElementMeetsWhich(Device device) {
        try (Scope s = Scope.on(new Guarded(device.backend()))) {
            Tensor x = s.tensor(Shape.of(2, 2, 2), new float[] {1, 2, 3, 4, 5, 6, 7, 8});
            Tensor one = s.tensor(Shape.of(2), new float[] {10, 20});
            Tensor each = s.tensor(Shape.of(2, 2), new float[] {10, 20, 30, 40});
            assertArrayEquals(
                    new float[] {11, 22, 13, 24, 15, 26, 17, 28}, x.add(one).toFloats());
            assertArrayEquals(
                    new float[] {10, 40, 30, 80, 150, 240, 210, 320},
                    x.mul(each).toFloats());
        }
    }

    @OnEachDevice
    void whatLiesOverNothing(Device device) {
        try (Scope s = Scope.on(device.backend())) {
            Tensor x = s.zeros(Shape.of(2, 5, 3));
            for (long[] other : new long[][] {{2}, {5, 3}, {3, 3}, {2, 1, 3}, {}}) {
                Tensor b = s.zeros(Shape.of(other));
                String message =
                        assertThrows(TensorException.class, () -> x.mul(b)).getMessage();
                assertTrue(message.contains("mul: shapes differ, [2,5,3] and"), message);
                assertTrue(message.endsWith("or let the second be [C] or [N,C] of the first"), message);
            }
            Tensor vector = s.zeros(Shape.of(3));
            assertThrows(TensorException.class, () -> vector.div(x), "the smaller one comes second");
        }
    }
}
