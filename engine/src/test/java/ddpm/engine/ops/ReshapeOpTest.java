package ddpm.engine.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;

/** One memory with two shapes: how long it lives, who may write to it, and its gradients. */
class ReshapeOpTest {
    private static final float[] SIX = {1, -2, 3, 4, 5, -6};

    private static Tensor leaf(Scope scope) {
        return scope.leaf(Shape.of(2, 3), SIX);
    }

    @OnEachDevice
    void seesTheSameMemory(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.tensor(Shape.of(2, 3), SIX);
            long before = scope.liveBytes();
            Tensor y = x.reshape(3, 1, 2);
            assertEquals(Shape.of(3, 1, 2), y.shape());
            assertSame(x.buffer(), y.buffer());
            assertEquals(before, scope.liveBytes());
            assertArrayEquals(SIX, y.toFloats());
            assertArrayEquals(
                    new int[] {7, 8},
                    scope.tensor(Shape.of(2), new int[] {7, 8}).reshape(1, 2).toInts());
        }
    }

    /** It lives as long as either does, in whichever order they end. */
    @OnEachDevice
    void memoryEndsWithTheLast(Device device) {
        Backend backend = new Guarded(device.backend());
        long nothing = backend.memory().stats().usedBytes();
        for (boolean firstFirst : new boolean[] {true, false}) {
            try (Scope scope = Scope.on(backend)) {
                Tensor x = scope.tensor(Shape.of(2, 3), SIX);
                Tensor y = x.reshape(6);
                Tensor ended = firstFirst ? x : y;
                Tensor left = firstFirst ? y : x;
                ended.release();
                ended.release(); // once more is harmless
                assertThrows(TensorException.class, ended::toFloats);
                assertArrayEquals(SIX, left.toFloats());
                assertTrue(backend.memory().stats().usedBytes() > nothing);
                left.release();
                assertEquals(nothing, backend.memory().stats().usedBytes());
            }
        }
        try (Scope scope = Scope.on(backend)) {
            Tensor y = scope.tensor(Shape.of(2, 3), SIX).into(x -> x.reshape(3, 2));
            assertArrayEquals(SIX, y.toFloats());
            y.reshape(6);
        }
        assertEquals(nothing, backend.memory().stats().usedBytes());
    }

    /** A parameter seen from a step's scope has other extents there, and its gradient has its own. */
    @OnEachDevice
    void ofAParameter(Device device) {
        try (Scope owner = Scope.on(device.backend());
                Scope step = Scope.recording(device.backend())) {
            Tensor p = owner.leaf(Shape.of(2, 3), SIX);
            Tensor y = p.in(step).reshape(1, 6);
            assertSame(step, y.scope());
            Gradients g = step.tape().backward(y.mul(y).sum());
            assertEquals(p.shape(), g.of(p).shape());
            assertArrayEquals(new float[] {2, -4, 6, 8, 10, -12}, g.of(p).toFloats());
        }
    }

    /** What would be written over is seen under another shape, too. */
    @OnEachDevice
    void inPlaceIsRefusedWhileShared(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.tensor(Shape.of(2, 3), SIX);
            Tensor y = x.reshape(6);
            Tensor ones = scope.tensor(Shape.of(6), new float[] {1, 1, 1, 1, 1, 1});
            TensorException e = assertThrows(TensorException.class, () -> y.addInPlace(ones));
            assertTrue(e.getMessage().contains("addInPlace: tensor [6] shares its memory"), e.getMessage());
            x.release();
            assertArrayEquals(
                    new float[] {2, -1, 4, 5, 6, -5}, y.addInPlace(ones).toFloats());
        }
    }

    /**
     * x reaches the loss as it is and in two other shapes: 5, 3 and 1. The gradient of the sum belongs to z and, under another shape, to
     * x; that of 5 x is added to it while z still waits for its own.
     */
    @OnEachDevice
    void gradientsOfBothShapesAreAdded(Device device) {
        try (Scope scope = Scope.recording(new Guarded(device.backend()))) {
            Tensor x = leaf(scope);
            Tensor w = scope.leaf(Shape.of(6), SIX);
            Tensor third = x.reshape(1, 1, 6);
            Tensor z = w.scale(2);
            Tensor five = x.scale(5);
            Tensor both = x.reshape(6).add(z);
            Tensor y = both.scale(3).reshape(3, 2).sum().add(five.sum()).add(third.sum());
            Gradients g = scope.tape().backward(y);
            assertEquals(x.shape(), g.of(x).shape());
            assertArrayEquals(new float[] {9, 9, 9, 9, 9, 9}, g.of(x).toFloats());
            assertArrayEquals(new float[] {6, 6, 6, 6, 6, 6}, g.of(w).toFloats());
        }
    }

    @OnEachDevice
    void anotherCountIsRefused(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.tensor(Shape.of(2, 3), SIX);
            TensorException e = assertThrows(TensorException.class, () -> x.reshape(4));
            assertTrue(e.getMessage().contains("reshape: [4] holds 4 values, x=[2,3] has 6"), e.getMessage());
        }
    }
}
