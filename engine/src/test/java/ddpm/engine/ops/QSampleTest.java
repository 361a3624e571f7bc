package ddpm.engine.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.random.Permutation;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.NoiseTable;
import ddpm.engine.testing.OnEachDevice;
import org.junit.jupiter.api.function.Executable;

/** The fused batch does what its parts do one after the other. */
class QSampleTest {
    private static final int T = 50;
    private static final int IMAGES = 7;
    private static final Nhwc BATCH = new Nhwc(4, 3, 5, 2);

    private static QSample tables(Scope scope) {
        return new QSample(scope.tensor(Shape.of(T, NoiseAdd.COLUMNS), NoiseTable.linear(T)));
    }

    private static NoiseAdd geometry(Nhwc batch, int rows) {
        return geometry(batch, rows, batch.n());
    }

    private static NoiseAdd geometry(Nhwc batch, int rows, long whole) {
        return new NoiseAdd(
                batch, IMAGES, 11, false, false, rows, whole, NoiseTable.NOISE, NoiseTable.TIMES, NoiseTable.FLIPS);
    }

    /** Rows 3 to 6 of epoch 2, training step 30. */
    private static Tensor numbers(Scope scope) {
        int[] words = new BatchNumbers(2, 3, 30, 0).toWords();
        return scope.tensor(Shape.of(words.length), words);
    }

    private static Tensor images(Scope scope) {
        byte[] pixels = new byte[IMAGES * 30];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 37);
        }
        return scope.tensor(Shape.of(IMAGES, 3, 5, 2), pixels);
    }

    /** Differs by the rounding of two products and a sum of at most 6. */
    @OnEachDevice
    void batchIsGatherNoiseAndSum(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            QSample q = tables(scope);
            QSample.Batch batch = q.batch(geometry(BATCH, T), numbers(scope), images(scope));
            float[] x0 = new float[4 * 30];
            Permutation order = new Permutation(IMAGES, 11, 2);
            for (int i = 0; i < x0.length; i++) {
                int pixel = order.at(3 + i / 30) * 30 + i % 30;
                x0[i] = (float) (((pixel * 37) & 255) / 127.5 - 1);
            }
            Tensor eps = StandardNormal.draw(scope, Shape.of(BATCH), 11, NoiseTable.NOISE, 0, 30);
            assertArrayEquals(eps.toFloats(), batch.target().toFloats());
            int[] rows = batch.row().toInts();
            for (int i = 0; i < rows.length; i++) {
                assertTrue(rows[i] >= 0 && rows[i] < T, "row=" + rows[i]);
                assertEquals(rows[i], batch.time().toFloats()[i]);
                assertEquals(1, batch.weight().toFloats()[i]);
            }
            Tensor want = q.apply(scope.tensor(Shape.of(BATCH), x0), batch.row(), eps);
            assertArrayEquals(want.toFloats(), batch.xt().toFloats(), 6 * 4 * 0x1p-24f);
        }
    }

    @OnEachDevice
    void whatDisagreesIsNamed(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            QSample q = tables(scope);
            Tensor images = images(scope);
            Tensor numbers = numbers(scope);
            NoiseAdd many = geometry(new Nhwc(8, 3, 5, 2), T);
            NoiseAdd less = geometry(BATCH, T, 3);
            refused("8 rows from 7 images", () -> q.batch(many, numbers, images));
            refused("4 rows are no part of a batch of 3", () -> q.batch(less, numbers, images));
            refused("draws of 60 rows but the table is [50,8]", () -> q.batch(geometry(BATCH, 60), numbers, images));
            Tensor few = scope.tensor(Shape.of(8), new int[8]);
            refused("needs numbers I32 [4], got I32 [8]", () -> q.batch(geometry(BATCH, T), few, images));
            Tensor floats = scope.zeros(Shape.of(IMAGES, 3, 5, 2));
            refused("needs images U8 [7,3,5,2], got F32", () -> q.batch(geometry(BATCH, T), numbers, floats));
            Tensor x0 = scope.zeros(Shape.of(2, 1, 1, 1));
            Tensor row = scope.tensor(Shape.of(3), new int[3]);
            refused("needs rows I32 [2], got I32 [3]", () -> q.apply(x0, row, x0));
            refused("needs a table [rows,8], got [3,7]", () -> new QSample(scope.zeros(Shape.of(3, 7))));
        }
    }

    private static void refused(String message, Executable body) {
        var e = assertThrows(TensorException.class, body);
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }
}
