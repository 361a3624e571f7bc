package ddpm.engine.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.nn.Dropout;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.optim.Learner;
import ddpm.engine.random.Philox;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;

/** What is dropped is known beforehand, by seed, layer, step and row; and nothing is while nobody trains. */
@Tag("kernels")
class DropoutTest {
    private static final long SEED = 77;

    private static float[] ones(int n) {
        float[] x = new float[n];
        Arrays.fill(x, 1);
        return x;
    }

    private static int[] numbers(int step, int firstRow) {
        return new BatchNumbers(0, 0, step, firstRow).toWords();
    }

    /** The factors on a batch. */
    private static float[] mask(
            Backend backend, int rows, int columns, double share, int layer, int step, int firstRow) {
        try (Scope data = Scope.on(backend);
                Scope scope = Scope.training(backend, data.tensor(Shape.of(4), numbers(step, firstRow)))) {
            Tensor x = scope.tensor(Shape.of(rows, columns), ones(rows * columns));
            return x.dropout(share, SEED, Stream.dropout(layer)).toFloats();
        }
    }

    /** The formula, with the generator asked for one value at a time. */
    @OnEachDevice
    void formula(Device device) {
        Backend backend = new Guarded(device.backend());
        for (double share : new double[] {0, 0.1, 0.5, 0.999}) {
            float[] want = new float[5 * 7];
            for (int i = 0; i < want.length; i++) {
                int[] words = new int[4];
                Philox.block(SEED, new Stream(256 + 3), 10 + i / 7, 9, i % 7 / 4, words);
                double bits = (words[i % 7 % 4] & 0xFFFFFFFFL) * 0x1p-32;
                want[i] = bits < share ? 0 : (float) (1 / (1 - share));
            }
            assertArrayEquals(want, mask(backend, 5, 7, share, 3, 9, 10), 0f, share + " on " + device);
        }
    }

    /** Of 40,000 values a share is dropped, to five standard deviations, and the mean stays. */
    @OnEachDevice
    void share(Device device) {
        for (double share : new double[] {0.1, 0.5, 0.9}) {
            float[] y = mask(device.backend(), 40, 1000, share, 0, 1, 0);
            long dropped = 0;
            double sum = 0;
            for (float v : y) {
                dropped += v == 0 ? 1 : 0;
                sum += v;
            }
            double deviation = Math.sqrt(share * (1 - share) / y.length);
            assertEquals(share, dropped / (double) y.length, 5 * deviation, "on " + device);
            assertEquals(1, sum / y.length, 5 * deviation / (1 - share), "on " + device);
        }
    }

    /** A row is the same whatever batch it comes in; other steps and layers drop others. */
    @OnEachDevice
    void rowsAlone(Device device) {
        Backend backend = device.backend();
        float[] whole = mask(backend, 6, 101, 0.5, 0, 3, 0);
        float[] part = mask(backend, 2, 101, 0.5, 0, 3, 4);
        assertArrayEquals(Arrays.copyOfRange(whole, 4 * 101, 6 * 101), part);
        assertFalse(Arrays.equals(whole, mask(backend, 6, 101, 0.5, 0, 4, 0)));
        assertFalse(Arrays.equals(whole, mask(backend, 6, 101, 0.5, 1, 3, 0)));
        assertFalse(Arrays.equals(Arrays.copyOfRange(whole, 0, 101), Arrays.copyOfRange(whole, 101, 202)));
    }

    /** The gradient has the factors of the forward. */
    @OnEachDevice
    void gradient(Device device) {
        Backend backend = new Guarded(device.backend());
        try (Scope data = Scope.on(backend);
                Scope scope = Scope.training(backend, data.tensor(Shape.of(4), numbers(2, 0)))) {
            Tensor x = scope.leaf(Shape.of(3, 11), ones(33));
            Tensor y = x.dropout(0.4, SEED, Stream.dropout(0));
            float[] factors = y.toFloats();
            assertArrayEquals(factors, scope.tape().backward(y.sum()).of(x).toFloats());
        }
    }

    /** No switch to forget: a scope that does not record gives the tensor itself, which {@code into} leaves alone. */
    @OnEachDevice
    void evaluation(Device device) {
        try (Parameters p = new Parameters(device.backend(), 1);
                Scope scope = Scope.on(device.backend())) {
            Dropout dropout = new Dropout(p, 0.5);
            Tensor x = scope.tensor(Shape.of(1, 3), new float[] {1, 2, 3});
            assertSame(x, x.into(dropout::forward));
            assertArrayEquals(new float[] {1, 2, 3}, x.toFloats());
        }
    }

    /** A scope that records and knows no step would drop the same in each: an error that says what to write. */
    @OnEachDevice
    void aScopeWithoutAStep(Device device) {
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor x = scope.zeros(Shape.of(1, 3));
            var e = assertThrows(TensorException.class, () -> x.dropout(0.5, SEED, Stream.dropout(0)));
            assertTrue(e.getMessage().contains("Scope.training(backend, numbers)"), e::getMessage);
            for (double bad : new double[] {-0.1, 1, Double.NaN}) {
                e = assertThrows(TensorException.class, () -> x.dropout(bad, SEED, Stream.dropout(0)));
                assertTrue(e.getMessage().contains("choose 0 to below 1"), e::getMessage);
            }
            e = assertThrows(TensorException.class, () -> Scope.training(device.backend(), x));
            assertTrue(e.getMessage().contains("I32 [4]"), e::getMessage);
        }
    }

    /** Layers draw apart, steps of a learner too, and the same learner again the same. */
    @OnEachDevice
    void layersOfALearner(Device device) {
        float[][] first = masks(device.backend());
        float[][] again = masks(device.backend());
        for (int i = 0; i < first.length; i++) {
            assertArrayEquals(first[i], again[i]);
            for (int k = 0; k < i; k++) {
                assertFalse(Arrays.equals(first[i], first[k]), i + " and " + k);
            }
        }
    }

    /** Of two layers in each of two steps. */
    private static float[][] masks(Backend backend) {
        float[][] masks = new float[4][];
        try (Parameters p = new Parameters(backend, 1);
                Learner learner = Learner.sgd(p, 0.1, 0)) {
            Linear layer = new Linear(p, "layer", 64, 1);
            Dropout a = new Dropout(p, 0.5);
            Dropout b = new Dropout(p, 0.5);
            for (int step = 0; step < 2; step++) {
                int at = 2 * step;
                learner.step(scope -> {
                    Tensor x = scope.tensor(Shape.of(1, 64), ones(64));
                    Tensor dropped = a.forward(x);
                    assertNotSame(x, dropped);
                    masks[at] = dropped.toFloats();
                    masks[at + 1] = b.forward(x).toFloats();
                    return layer.forward(dropped).sum();
                });
            }
        }
        return masks;
    }
}
