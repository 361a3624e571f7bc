package ddpm.engine.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ddpm.engine.random.Normals;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;

class RandomOpsTest {
    private static final long SEED = OpCheck.SEED;
    private static final Stream STREAM = new Stream(6);

    /** The same bits as the definition, whatever the split into calls. */
    @OnEachDevice
    void normal(Device device) {
        for (int columns : new int[] {1, 3, 4, 784, 3073}) {
            float[] want = new float[7 * columns];
            for (int i = 0; i < 7; i++) {
                Normals.fill(SEED, STREAM, 40 + i, 9, want, i * columns, columns);
            }
            assertArrayEquals(want, normal(device, 40, 7, columns));
            float[] split = new float[want.length];
            for (int[] part : new int[][] {{0, 2}, {2, 1}, {3, 4}}) {
                float[] rows = normal(device, 40 + part[0], part[1], columns);
                System.arraycopy(rows, 0, split, part[0] * columns, rows.length);
            }
            assertArrayEquals(want, split);
        }
    }

    private static float[] normal(Device device, long firstRow, long rows, long columns) {
        try (Scope scope = guarded(device)) {
            Tensor y = scope.empty(Shape.of(rows, columns));
            scope.backend().random().normal(SEED, STREAM, firstRow, 9, rows, columns, y.buffer());
            return y.toFloats();
        }
    }

    private static Scope guarded(Device device) {
        return Scope.on(new Guarded(device.backend()));
    }
}
