package ddpm.engine.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.OptimizerOps.AdamStep;
import ddpm.engine.backend.OptimizerOps.ClipStep;
import ddpm.engine.backend.OptimizerOps.SgdStep;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.backend.RandomOps.Dropout;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * Where the contract is bits, not tolerances: random numbers and the updates give on every device what they give on the
 * CPU. So do the diffusion steps, see {@link DiffusionBitsTest}.
 */
@Tag("kernels")
class SameBitsTest {
    private static final long SEED = 0xF00D_5EED_0BAD_CAFEL; // both halves of the key have their top bit set
    private static final int[] SLOT_SIZES = {1, 3, 4, 5, 1023, 4095, 4096, 4097, 8195};

    // ---- random numbers

    @OnEachDevice
    void normal(Device device) {
        for (int columns : new int[] {1, 2, 4, 7, 1024, 1025, 4099}) {
            for (long firstRow : new long[] {0, 0xFFFF_FFFEL}) {
                SameBits.check(device, columns + " columns from row " + firstRow, scope -> {
                    Tensor y = scope.empty(Shape.of(3, columns));
                    scope.backend()
                            .random()
                            .normal(SEED, new Stream(4), firstRow, 0x8000_0001L, 3, columns, y.buffer());
                    return List.of(y);
                });
            }
        }
    }

    /** Rows on and off whole groups of four, of one part and of more; the second half written over its input. */
    @OnEachDevice
    void dropout(Device device) {
        for (int columns : new int[] {1, 2, 4, 7, 1024, 1025, 4099}) {
            for (int firstRow : new int[] {0, -2}) {
                SameBits.check(device, columns + " columns from row " + firstRow, scope -> {
                    Dropout g = new Dropout(3, columns, 0.3, SEED, Stream.dropout(1));
                    Buffer numbers = words(scope, new BatchNumbers(0, 0, 0x8000_0001, firstRow).toWords());
                    Tensor x = scope.tensor(Shape.of(3, columns), SameBits.values(3L * columns, columns));
                    Tensor y = scope.empty(x.shape());
                    scope.backend().random().dropout(g, numbers, x.buffer(), y.buffer());
                    scope.backend().random().dropout(g, numbers, x.buffer(), x.buffer());
                    return List.of(y, x);
                });
            }
        }
    }

    // ---- updates: more slots than one launch takes

    @OnEachDevice
    void adam(Device device) {
        for (float l2 : new float[] {0, 0.02f}) {
            for (float good : new float[] {1, 2, 0}) {
                AdamStep g = new AdamStep(0.9, 0.999, 1e-8, l2, good == 1);
                SameBits.check(device, "adam", scope -> {
                    List<OptimizerOps.Slot> slots = new ArrayList<>();
                    List<Tensor> results = new ArrayList<>();
                    for (int i = 0; i < 300; i++) {
                        int n = slotSize(i);
                        Tensor p = scope.tensor(Shape.of(n), SameBits.values(n, 4 * i));
                        Tensor m = scope.tensor(Shape.of(n), SameBits.values(n, 4 * i + 1));
                        Tensor v = scope.tensor(Shape.of(n), squares(n, 4 * i + 2));
                        Tensor grad = scope.tensor(Shape.of(n), SameBits.values(n, 4 * i + 3));
                        slots.add(new OptimizerOps.Slot(n, p.buffer(), grad.buffer(), m.buffer(), v.buffer()));
                        results.addAll(List.of(p, m, v));
                    }
                    scope.backend().optimizer().adam(g, numbers(scope), state(scope, good), slots);
                    return results;
                });
            }
        }
    }

    @OnEachDevice
    void sgd(Device device) {
        for (float good : new float[] {1, 2, 0}) {
            SgdStep g = new SgdStep(0.9f, good == 1 ? 0.02f : 0, good == 2);
            SameBits.check(device, "sgd", scope -> {
                List<OptimizerOps.SgdSlot> slots = new ArrayList<>();
                List<Tensor> results = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    int n = slotSize(i);
                    Tensor p = scope.tensor(Shape.of(n), SameBits.values(n, 3 * i));
                    Tensor velocity = scope.tensor(Shape.of(n), SameBits.values(n, 3 * i + 1));
                    Tensor grad = scope.tensor(Shape.of(n), SameBits.values(n, 3 * i + 2));
                    slots.add(new OptimizerOps.SgdSlot(n, p.buffer(), grad.buffer(), velocity.buffer()));
                    results.addAll(List.of(p, velocity));
                }
                scope.backend().optimizer().sgd(g, numbers(scope), state(scope, good), slots);
                return results;
            });
        }
    }

    @OnEachDevice
    void ema(Device device) {
        for (float good : new float[] {1, 0}) {
            int which = good == 0 ? 0 : 1;
            SameBits.check(device, "ema", scope -> {
                List<Long> n = new ArrayList<>();
                List<Buffer> p = new ArrayList<>();
                List<Tensor> average = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    int count = slotSize(i);
                    n.add((long) count);
                    p.add(scope.tensor(Shape.of(count), SameBits.values(count, 2 * i))
                            .buffer());
                    average.add(scope.tensor(Shape.of(count), SameBits.values(count, 2 * i + 1)));
                }
                List<Buffer> averages = average.stream().map(Tensor::buffer).toList();
                scope.backend().optimizer().ema(which, numbers(scope), state(scope, good), n, p, averages);
                return average;
            });
        }
    }

    /** Squares in double, exact, and one rounding at the end: on any device the same float but for a tie in 2^29. */
    @OnEachDevice
    void clip(Device device) {
        for (float maxNorm : new float[] {0, 1, 1e9f}) {
            SameBits.check(device, "clip to " + maxNorm, scope -> {
                List<Long> n = new ArrayList<>();
                List<Buffer> grads = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    int count = slotSize(i);
                    n.add((long) count);
                    grads.add(scope.tensor(Shape.of(count), SameBits.values(count, i))
                            .buffer());
                }
                Tensor state = scope.tensor(Shape.of(4), new float[] {7, 7, 1, 7});
                Tensor results = scope.zeros(Shape.of(8));
                Buffer loss = scope.tensor(Shape.of(1), new float[] {0.25f}).buffer();
                OptimizerOps optimizer = scope.backend().optimizer();
                optimizer.clip(new ClipStep(maxNorm), numbers(scope), loss, n, grads, state.buffer(), results.buffer());
                return List.of(state, results);
            });
        }
    }

    @OnEachDevice
    void clipStopsAtWhatIsNotFinite(Device device) {
        for (float[] bad : new float[][] {{Float.NaN, 1}, {Float.POSITIVE_INFINITY, 1}, {1, Float.NaN}, {1, 3e38f}}) {
            try (Scope scope = Scope.on(new Guarded(device.backend()))) {
                Tensor state = scope.tensor(Shape.of(4), new float[] {0, 0, 1, 0});
                float[] first = clip(scope, 1, 1, state);
                assertTrue(first[2] == 1 && Float.isFinite(first[0]));
                assertEquals(0, clip(scope, bad[0], bad[1], state)[2]);
                float[] after = clip(scope, 1, 1, state);
                assertEquals(0, after[2], "stays");
                assertFalse(Float.isNaN(after[0]));
            }
        }
    }

    /** A loss and four equal gradients. */
    private static float[] clip(Scope scope, float loss, float grad, Tensor state) {
        Buffer grads =
                scope.tensor(Shape.of(4), new float[] {grad, grad, grad, grad}).buffer();
        scope.backend()
                .optimizer()
                .clip(
                        new ClipStep(1),
                        numbers(scope),
                        scope.tensor(Shape.of(1), new float[] {loss}).buffer(),
                        List.of(4L),
                        List.of(grads),
                        state.buffer(),
                        scope.zeros(Shape.of(8)).buffer());
        return state.toFloats();
    }

    // ---- inputs

    private static int slotSize(int i) {
        return i % 10 == 0 ? SLOT_SIZES[i / 10 % SLOT_SIZES.length] : 1 + i % 7;
    }

    private static Buffer numbers(Scope scope) {
        return words(scope, new UpdateNumbers(3, 0.999f, 1.7e-3f, 1.3f, 0.01f, 0.3f).toWords());
    }

    private static Buffer state(Scope scope, float good) {
        return scope.tensor(Shape.of(4), new float[] {2, 0.43f, good, 0}).buffer();
    }

    private static Buffer words(Scope scope, int... words) {
        return scope.tensor(Shape.of(words.length), words).buffer();
    }

    private static float[] squares(int count, int which) {
        float[] values = SameBits.values(count, which);
        for (int i = 0; i < count; i++) {
            values[i] *= values[i];
        }
        return values;
    }
}
