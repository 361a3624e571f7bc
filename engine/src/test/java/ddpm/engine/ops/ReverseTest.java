package ddpm.engine.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.backend.ReverseStep.Numbers;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.NoiseTable;
import ddpm.engine.testing.OnEachDevice;
import org.junit.jupiter.api.function.Executable;

/** What the operation checks before a step, and which of a step's tensors it hands on. */
class ReverseTest {
    private static final Nhwc X = new Nhwc(2, 1, 2, 1);

    private static ReverseStep step(int slots, Clipping clipping, boolean evaluates, boolean learned) {
        return new ReverseStep(X, 1, NoiseTable.REVERSE, slots, clipping, evaluates, learned);
    }

    private static Tensor words(Scope scope, Numbers numbers) {
        return scope.tensor(Shape.of(ReverseStep.WORDS), numbers.toWords());
    }

    private static Reverse.Result results(Scope scope) {
        return new Reverse.Result(scope.zeros(Shape.of(X)), scope.zeros(Shape.of(X)));
    }

    /** x0 = 2x - F, next = x0 + slots[0] / 4, kept = x, all by hand. */
    @OnEachDevice
    void aStepWithOneSlot(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Numbers n = new Numbers()
                    .estimate(2, -1)
                    .next(1, 0, 0)
                    .nextFrom(0, 0.25f)
                    .keep(0, 0, 1, 0);
            Tensor x = scope.tensor(Shape.of(X), new float[] {1, 2, 3, 4});
            Tensor f = scope.tensor(Shape.of(X), new float[] {5, 5, 5, 5});
            Tensor slots = scope.tensor(Shape.of(1, 2, 1, 2, 1), new float[] {4, 8, 12, 16});
            Reverse.Result result = results(scope);
            Reverse.into(step(1, Clipping.NONE, true, false), words(scope, n), x, f, slots, null, result);
            assertArrayEquals(new float[] {-3, -1, 1, 3}, result.x0().toFloats());
            assertArrayEquals(new float[] {-2, 1, 4, 7}, result.next().toFloats());
            assertArrayEquals(new float[] {1, 2, 3, 4}, slots.toFloats());
        }
    }

    /** |x| is 1, 2 and 3, 4; the limit is the larger, so x0 = x / limit. */
    @OnEachDevice
    void aStepWithThresholds(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            ReverseStep g = step(0, Clipping.THRESHOLD, true, false);
            Tensor words = words(
                    scope, new Numbers().estimate(1, 0).next(1, 0, 0).range(9).quantile(1));
            Tensor x = scope.tensor(Shape.of(X), new float[] {1, -2, 3, 4});
            Tensor f = scope.zeros(Shape.of(X));
            Tensor limit = scope.empty(Shape.of(2));
            Reverse.threshold(g, words, x, f, limit);
            assertArrayEquals(new float[] {2, 4}, limit.toFloats());
            Reverse.Result result = results(scope);
            Reverse.into(g, words, x, f, null, limit, result);
            assertArrayEquals(new float[] {0.5f, -1, 0.75f, 1}, result.next().toFloats());
        }
    }

    @OnEachDevice
    void aStepWithoutANetwork(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor words = words(scope, new Numbers().next(9, 3, 9).inputScale(0.5f));
            Tensor x = scope.tensor(Shape.of(X), new float[] {1, 2, 3, 4});
            Reverse.Result result = results(scope);
            Reverse.into(step(0, Clipping.CLIP, false, false), words, x, null, null, null, result);
            assertArrayEquals(new float[] {3, 6, 9, 12}, result.next().toFloats());
            assertArrayEquals(new float[4], result.x0().toFloats(), "stays as it was");
            Reverse.scale(words, x, x);
            assertArrayEquals(new float[] {0.5f, 1, 1.5f, 2}, x.toFloats());
        }
    }

    @OnEachDevice
    void whatDisagreesIsNamed(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.zeros(Shape.of(X));
            Tensor words = words(scope, new Numbers());
            Tensor few = scope.tensor(Shape.of(8), new int[8]);
            Tensor other = scope.zeros(Shape.of(2, 1, 3, 1));
            Reverse.Result out = results(scope);
            ReverseStep plain = step(0, Clipping.NONE, true, false);
            refused("numbers I32 [48], got I32 [8]", () -> Reverse.apply(plain, few, x, x));
            refused("the step is for [N=2,H=1,W=2,C=1], got x=", () -> Reverse.apply(plain, words, other, other));
            refused("f must be [2,1,2,1], got [2,1,3,1]", () -> Reverse.apply(plain, words, x, other));
            ReverseStep learned = step(0, Clipping.NONE, true, true);
            refused("f must be [2,1,2,2], got [2,1,2,1]", () -> Reverse.apply(learned, words, x, x));
            ReverseStep slots = step(2, Clipping.NONE, true, false);
            refused("needs slots [2,2,1,2,1], got none", () -> Reverse.apply(slots, words, x, x));
            refused("slots must be [2,2,1,2,1]", () -> Reverse.into(slots, words, x, x, x, null, out));
            ReverseStep limited = step(0, Clipping.THRESHOLD, true, false);
            refused("needs limit", () -> Reverse.apply(limited, words, x, x));
            refused("limit must be [2]", () -> Reverse.threshold(limited, words, x, x, x));
            refused("shapes differ", () -> Reverse.scale(words, x, other));
        }
    }

    private static void refused(String message, Executable body) {
        var e = assertThrows(TensorException.class, body);
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }
}
