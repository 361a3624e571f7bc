package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.PoolOps.Pool;
import ddpm.engine.ops.AvgPool2dOp;
import ddpm.engine.ops.MaxPool2dOp;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.PoolReference;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;

/** Windows side by side, over one another, with gaps between them, of one pixel and of the whole image. */
@Tag("kernels")
class PoolOpsTest {
    private static final List<Pool> CASES = List.of(
            new Pool(new Nhwc(1, 1, 1, 4), Hw.square(1), Hw.square(1)),
            new Pool(new Nhwc(2, 3, 5, 6), Hw.square(2), Hw.square(2)),
            new Pool(new Nhwc(2, 3, 5, 6), new Hw(3, 5), Hw.square(1)),
            new Pool(new Nhwc(1, 7, 9, 8), Hw.square(3), Hw.square(2)),
            new Pool(new Nhwc(1, 7, 9, 3), new Hw(2, 3), new Hw(1, 2)),
            new Pool(new Nhwc(3, 8, 9, 5), new Hw(3, 2), new Hw(4, 3)),
            new Pool(new Nhwc(3, 31, 33, 21), Hw.square(2), Hw.square(2)));

    /** Of windows that hold one pixel, the most. */
    private static long overlap(Pool g) {
        return ((g.window().h() - 1) / g.stride().h() + 1)
                * ((g.window().w() - 1) / g.stride().w() + 1);
    }

    /** Numbers further apart than a difference's step, which then never sees another maximum: the function is linear there. */
    @OnEachDevice
    void maxima(Device device) {
        for (Pool g : CASES) {
            Nhwc x = g.x();
            OpCheck.on(device, "maxPool2d " + g.window() + " " + g.stride())
                    .input("x", apart((int) x.count()), 1, x.n(), x.h(), x.w(), x.c())
                    .reference(in -> PoolReference.max(g, in.x()))
                    .op(in -> MaxPool2dOp.apply(in.x(), g.window(), g.stride()))
                    .entries(6)
                    .sum("dx", overlap(g), c -> overlap(g) * c.max("dy"))
                    .tolerance(c -> c.isForward() ? 0 : c.terms() * U * c.scale())
                    .checkForwardAndGradients();
        }
    }

    /** Whole numbers by chance, each once: a step of a difference is 6e-6 of the largest. */
    private static float[] apart(int count) {
        float[] values = new float[count];
        Random random = new Random(OpCheck.SEED + count);
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            values[i] = values[j];
            values[j] = i - count / 2;
        }
        return values;
    }

    @OnEachDevice
    void means(Device device) {
        for (Pool g : CASES) {
            Nhwc x = g.x();
            long pixels = g.window().h() * g.window().w();
            for (Data data : List.of(normal(0, 1), normal(100, 1), normal(0, 1e-3))) {
                OpCheck.on(device, "avgPool2d " + g.window() + " " + g.stride())
                        .input("x", data, x.n(), x.h(), x.w(), x.c())
                        .reference(in -> PoolReference.mean(g, in.x()))
                        .op(in -> AvgPool2dOp.apply(in.x(), g.window(), g.stride()))
                        .quadratic()
                        .entries(4)
                        .sum("y", pixels, c -> c.max("x"))
                        .sum("dx", overlap(g), c -> overlap(g) * c.max("dy") / pixels)
                        .tolerance(c -> (c.terms() + 1) * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    @OnEachDevice
    void meanPixels(Device device) {
        for (Nhwc x : List.of(new Nhwc(1, 1, 1, 4), new Nhwc(2, 3, 5, 6), new Nhwc(3, 31, 33, 21))) {
            for (Data data : List.of(normal(0, 1), normal(100, 1), normal(0, 1e-3))) {
                OpCheck.on(device, "meanPixels")
                        .input("x", data, x.n(), x.h(), x.w(), x.c())
                        .reference(in -> PoolReference.mean(new Pool(x, new Hw(x.h(), x.w()), Hw.square(1)), in.x()))
                        .op(in -> in.x().meanPixels())
                        .quadratic()
                        .entries(4)
                        .sum("y", x.pixels(), c -> c.max("x"))
                        .sum("dx", 1, c -> c.max("dy") / x.pixels())
                        .tolerance(c -> (Math.sqrt(c.terms()) + 2) * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    /** What is no number is the largest wherever it stands; of equals the first has the gradient, a window of -infinity has one too. */
    @OnEachDevice
    void edges(Device device) {
        float inf = Float.POSITIVE_INFINITY;
        float[] x = {1, 2, Float.NaN, 3, 3, Float.NaN, 5, 5, inf, -inf, -inf, -inf};
        try (Scope scope = Scope.recording(new Guarded(device.backend()))) {
            Tensor leaf = scope.leaf(Shape.of(1, 1, 12, 1), x);
            Tensor y = MaxPool2dOp.apply(leaf, new Hw(1, 2), new Hw(1, 2));
            assertArrayEquals(new float[] {2, Float.NaN, Float.NaN, 5, inf, -inf}, y.toFloats(), "on " + device);
            float[] dx = scope.tape().backward(y.sum()).of(leaf).toFloats();
            assertArrayEquals(new float[] {0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0}, dx, "on " + device);
        }
    }

    /** Numbers of both signs down to the smallest, where the order of bits is not that of values. */
    @OnEachDevice
    void order(Device device) {
        float[] sorted = {
            Float.NEGATIVE_INFINITY,
            -Float.MAX_VALUE,
            -1,
            -Float.MIN_NORMAL,
            -Float.MIN_VALUE,
            0,
            Float.MIN_VALUE,
            1,
            Float.MAX_VALUE
        };
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            for (int i = 0; i < sorted.length; i++) {
                for (int k = 0; k < sorted.length; k++) {
                    Tensor pair = scope.tensor(Shape.of(1, 1, 2, 1), new float[] {sorted[i], sorted[k]});
                    assertEquals(
                            sorted[Math.max(i, k)],
                            MaxPool2dOp.apply(pair, new Hw(1, 2), Hw.square(1)).item(),
                            "on " + device);
                }
            }
        }
    }

    /** Values, places and gradients. */
    @OnEachDevice
    void bits(Device device) {
        for (Pool g : CASES) {
            SameBits.check(device, "pool " + g, scope -> {
                PoolOps ops = scope.backend().pool();
                Tensor x = scope.tensor(Shape.of(g.x()), SameBits.values(g.x().count(), 1));
                Tensor dy = scope.tensor(Shape.of(g.y()), SameBits.values(g.y().count(), 2));
                Tensor largest = scope.empty(Shape.of(g.y()));
                Tensor place = scope.allocate(Shape.of(g.y()), DType.U8, false);
                Tensor dx = scope.empty(Shape.of(g.x()));
                Tensor mean = scope.empty(Shape.of(g.y()));
                Tensor dxOfMean = scope.empty(Shape.of(g.x()));
                ops.max(g, x.buffer(), largest.buffer(), place.buffer());
                ops.maxBackward(g, place.buffer(), dy.buffer(), dx.buffer());
                ops.mean(g, x.buffer(), mean.buffer());
                ops.meanBackward(g, dy.buffer(), dxOfMean.buffer());
                return List.of(largest, dx, mean, dxOfMean);
            });
        }
    }
}
