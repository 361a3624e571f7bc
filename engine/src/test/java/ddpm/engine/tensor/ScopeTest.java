package ddpm.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Buffer;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

class ScopeTest {
    private static final Shape THREE = Shape.of(3);

    private static void refused(String part, Executable call) {
        TensorException e = assertThrows(TensorException.class, call);
        assertTrue(e.getMessage().contains(part), () -> part + " in: " + e.getMessage());
    }

    private static Tensor values(Scope scope) {
        return scope.tensor(THREE, new float[] {1, 2, 3});
    }

    // ---- the end of a tensor ----

    @OnEachDevice
    void usedAfterItsScopeClosed(Device device) {
        Tensor x;
        Scope scope = Scope.on(device.backend());
        try (scope) {
            x = values(scope);
        }
        refused("tensor [3] used after its end: its scope is closed", x::toFloats);
        refused("its scope is closed", x::silu);
        refused("scope is closed: make the tensor in an open scope", () -> scope.zeros(THREE));
        refused("scope is closed", () -> values(scope));
        try (Scope open = Scope.on(device.backend())) {
            Tensor y = values(open);
            refused("its scope is closed", () -> y.add(x));
            refused("its scope is closed", () -> x.in(open).toFloats());
            refused("scope is closed", () -> y.in(scope));
        }
        scope.close(); // once more is harmless
        x.release();
        assertTrue(x.toString().contains("its scope is closed"));
    }

    @OnEachDevice
    void usedAfterRelease(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor x = values(scope);
            long used = device.backend().memory().stats().usedBytes();
            x.release();
            assertTrue(device.backend().memory().stats().usedBytes() < used);
            x.release(); // once more is harmless
            refused("used after its end: released", x::toFloats);
        }
    }

    @OnEachDevice
    void usedAfterInPlace(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor x = values(scope);
            Buffer memory = x.buffer();
            Tensor y = x.addInPlace(values(scope));
            assertSame(memory, y.buffer(), "no new memory");
            assertArrayEquals(new float[] {2, 4, 6}, y.toFloats());
            refused("overwritten in place", x::toFloats);
            refused("overwritten in place", () -> x.addInPlace(y));
            x.release(); // does not take the memory from y
            assertArrayEquals(new float[] {2, 4, 6}, y.toFloats());
        }
    }

    /** A failed call leaves its operands as they were. */
    @OnEachDevice
    void inPlaceOnBorrowedIsRefused(Device device) {
        try (Scope owner = Scope.on(device.backend());
                Scope step = Scope.recording(device.backend())) {
            Tensor x = values(owner);
            refused("addInPlace: tensor [3] is borrowed", () -> x.in(step).addInPlace(values(step)));
            assertArrayEquals(new float[] {1, 2, 3}, x.toFloats());

            Tensor image = owner.zeros(Shape.of(1, 1, 1, 3));
            Tensor bias = step.tensor(Shape.of(1, 3), new float[] {1, 1, 1});
            refused("addPerImageInPlace: tensor", () -> image.in(step).addPerImageInPlace(bias));
            assertArrayEquals(new float[3], image.toFloats());
        }
    }

    @OnEachDevice
    void discard(Device device) {
        try (Scope inference = Scope.on(device.backend());
                Scope training = Scope.recording(device.backend())) {
            Tensor x = values(inference);
            x.discard();
            refused("released", x::toFloats);

            Tensor y = training.leaf(Shape.of(3), new float[] {1, 2, 3});
            y.silu();
            y.discard();
            assertArrayEquals(new float[] {1, 2, 3}, y.toFloats(), "the tape still needs it");

            Tensor unread = values(training);
            unread.discard();
            refused("released", unread::toFloats);
        }
    }

    // ---- borrowing ----

    @OnEachDevice
    void borrowedTensorsBelongToTheirOwner(Device device) {
        try (Scope owner = Scope.on(device.backend())) {
            Tensor x = values(owner);
            long owned = owner.liveBytes();
            Tensor result;
            try (Scope step = Scope.on(device.backend())) {
                Tensor borrowed = x.in(step);
                assertSame(x, borrowed.origin());
                assertSame(x, borrowed.in(step).origin(), "borrowed twice");
                assertSame(x.buffer(), borrowed.buffer());
                borrowed.release();
                borrowed.discard();
                result = borrowed.scale(2);
                assertSame(step, result.scope());
                assertEquals(owned, owner.liveBytes(), "the result lives in the step");
                assertArrayEquals(new float[] {2, 4, 6}, result.toFloats());
            }
            refused("its scope is closed", result::toFloats);
            assertArrayEquals(new float[] {1, 2, 3}, x.toFloats());
            assertEquals(owned, owner.liveBytes());
        }
    }

    /** Only a scope with a tape passes on that a gradient is wanted. */
    @OnEachDevice
    void requiresGrad(Device device) {
        try (Scope owner = Scope.on(device.backend());
                Scope asked = Scope.on(device.backend());
                Scope step = Scope.recording(device.backend())) {
            Tensor p = owner.leaf(THREE, new float[3]);
            assertTrue(p.requiresGrad());
            assertTrue(p.in(step).requiresGrad());
            assertTrue(p.in(step).scale(2).requiresGrad());
            assertFalse(p.in(asked).scale(2).requiresGrad());
            assertFalse(values(step).scale(2).requiresGrad());
        }
    }

    // ---- values ----

    @OnEachDevice
    void valuesAndTypes(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            assertArrayEquals(
                    new int[] {-1, 0, 7},
                    scope.tensor(THREE, new int[] {-1, 0, 7}).toInts());
            assertArrayEquals(new float[] {0, 0, 0}, scope.zeros(THREE).toFloats());
            assertEquals(5f, scope.tensor(Shape.of(), new float[] {5}).item());
            assertEquals(5f, scope.tensor(Shape.of(1, 1), new float[] {5}).item());
            refused("item: needs one element, got [3]", () -> values(scope).item());
            refused("is I32, needed is F32", () -> scope.tensor(THREE, new int[3])
                    .toFloats());
            refused("is F32, needed is I32", () -> values(scope).toInts());
            refused("shape [3] holds 3 values, got 2", () -> scope.tensor(THREE, new float[2]));
            refused("shape [3] holds 3 values, got 4", () -> scope.leaf(THREE, new float[4]));
            refused("shape [3] holds 3 values, got 4", () -> scope.tensor(THREE, new int[4]));
            refused("shape [3] holds 3 values, got 4", () -> scope.tensor(THREE, new byte[4]));
        }
    }

    @OnEachDevice
    void shapes(Device device) {
        assertThrows(IllegalArgumentException.class, () -> Shape.of(3, 0));
        assertThrows(IllegalArgumentException.class, () -> Shape.of(-1));
        assertThrows(ArithmeticException.class, () -> Shape.of(1L << 32, 1L << 32));
        assertEquals("[N=1,H=2,W=3,C=4]", Shape.of(1, 2, 3, 4).toString());
        assertEquals("[64,128]", Shape.of(64, 128).toString());
        assertEquals(1, Shape.of().count());
        assertEquals(128, Shape.of(64, 128).dim(-1));
    }

    // ---- memory ----

    @OnEachDevice
    void closingGivesAllMemoryBack(Device device) {
        long used = device.backend().memory().stats().usedBytes();
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor x = scope.leaf(Shape.of(2, 4, 4, 8), new float[256]);
            x.silu().addInPlace(x).release();
            x.groupNorm(scope.zeros(Shape.of(8)), scope.zeros(Shape.of(8)), 2, 1e-5f);
            assertTrue(scope.liveBytes() > 0);
        }
        assertEquals(used, device.backend().memory().stats().usedBytes());
    }

    /** Without a tape nothing is kept for a backward: only the result stays. */
    @OnEachDevice
    void inferenceKeepsNothing(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor x = scope.zeros(Shape.of(2, 4, 4, 24));
            Tensor c = scope.zeros(Shape.of(24));
            long before = scope.liveBytes();
            Tensor y = x.groupNormSilu(c, c, 2, 1e-5f);
            assertEquals(before + y.buffer().bytes(), scope.liveBytes());
            Tensor z = x.attention(2);
            assertEquals(before + y.buffer().bytes() + z.buffer().bytes(), scope.liveBytes());
        }
    }

    /** The contract that lets a whole step be captured and replayed: equal sequences get equal addresses. */
    @OnEachDevice
    void sameSequenceSameMemory(Device device) {
        memoryOfAStep(device.backend()); // the first step fills the pool
        List<Buffer> second = memoryOfAStep(device.backend());
        List<Buffer> third = memoryOfAStep(device.backend());
        for (int i = 0; i < second.size(); i++) {
            assertSame(second.get(i), third.get(i), "allocation " + i);
        }
    }

    private static List<Buffer> memoryOfAStep(Backend backend) {
        List<Buffer> buffers = new ArrayList<>();
        try (Scope scope = Scope.on(backend)) {
            for (int i = 0; i < 12; i++) {
                Tensor t = scope.empty(Shape.of(1000 + i % 4)); // equal and nearly equal sizes
                buffers.add(t.buffer());
                if (i % 3 == 1) {
                    t.release();
                }
            }
        }
        return buffers;
    }
}
