package ddpm.engine.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import java.util.Random;

/** A row's result is the same bits whatever other rows stand beside it: images must not depend on their batch. */
class RowsAloneTest {
    private static final int MOST_ROWS = 70;
    private static final int[][] SIZES = {{32, 32}, {64, 16}, {128, 256}, {256, 256}, {512, 128}};

    @OnEachDevice
    void ofAMatrixProduct(Device device) {
        for (int[] size : SIZES) {
            Random random = new Random(1);
            float[] x = normals(random, MOST_ROWS * size[0]);
            float[] w = normals(random, size[0] * size[1]);
            float[] b = normals(random, size[1]);
            float[] all = linear(device, x, w, b, MOST_ROWS);
            for (int rows = 1; rows < MOST_ROWS; rows += rows < 10 ? 1 : 7) {
                assertArrayEquals(
                        Arrays.copyOf(all, rows * size[1]),
                        linear(device, Arrays.copyOf(x, rows * size[0]), w, b, rows),
                        rows + " rows of " + size[0] + " by " + size[1]);
            }
        }
    }

    private static float[] linear(Device device, float[] x, float[] w, float[] b, int rows) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor weight = scope.tensor(Shape.of(b.length, w.length / b.length), w);
            return scope.tensor(Shape.of(rows, x.length / rows), x)
                    .linear(weight, scope.tensor(Shape.of(b.length), b))
                    .toFloats();
        }
    }

    private static float[] normals(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
