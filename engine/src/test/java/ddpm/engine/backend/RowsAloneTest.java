package ddpm.engine.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.cuda.CudaInfo;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import java.util.Random;

/**
 * A row's result does not depend on the rows beside it: images must not depend on their batch. The same bits where we choose
 * how to compute. On a real GPU cuBLAS chooses a kernel by the number of rows, and another kernel adds in another order:
 * there the bits are the same for the same shape only, and other shapes agree within the error of both sums.
 */
class RowsAloneTest {
    private static final double U = 0x1p-24;
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
            assertArrayEquals(all, linear(device, x, w, b, MOST_ROWS), "the same product again");
            for (int rows = 1; rows < MOST_ROWS; rows += rows < 10 ? 1 : 7) {
                float[] want = Arrays.copyOf(all, rows * size[1]);
                float[] got = linear(device, Arrays.copyOf(x, rows * size[0]), w, b, rows);
                String what = rows + " rows of " + size[0] + " by " + size[1];
                if (libraryChooses(device)) {
                    assertWithinBothErrors(want, got, size[0], what);
                } else {
                    assertArrayEquals(want, got, what);
                }
            }
        }
    }

    /** An image of a convolution, direct or by Winograd's tiles: it does not depend on the chunk it is computed in. */
    @OnEachDevice
    void ofAConvolution(Device device) {
        int most = 21;
        for (int channels : new int[] {16, 32, 64}) {
            Random random = new Random(1);
            int image = 5 * 6 * channels;
            float[] x = normals(random, most * image);
            float[] w = normals(random, 9 * channels * channels);
            float[] b = normals(random, channels);
            float[] all = conv2d(device, x, w, b, most);
            for (int images : new int[] {1, 2, 3, 8, most - 1}) {
                float[] want = Arrays.copyOf(all, images * image);
                float[] got = conv2d(device, Arrays.copyOf(x, images * image), w, b, images);
                String what = images + " images of " + channels + " channels";
                if (libraryChooses(device)) {
                    assertWithinBothErrors(want, got, 9 * channels, what);
                } else {
                    assertArrayEquals(want, got, what);
                }
            }
        }
    }

    private static float[] conv2d(Device device, float[] x, float[] w, float[] b, int images) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor weight = scope.tensor(Shape.of(b.length, 3, 3, b.length), w);
            return scope.tensor(Shape.of(images, 5, 6, b.length), x)
                    .conv2d(weight, scope.tensor(Shape.of(b.length), b), 1, 1)
                    .toFloats();
        }
    }

    private static boolean libraryChooses(Device device) {
        return device.toString().startsWith("cuda") && !CudaInfo.simulated();
    }

    /** A sum of K terms of size 1 and a bias: each of the two within 4 U sqrt(K) of the sum's size, as products in MatmulOpsTest. */
    private static void assertWithinBothErrors(float[] want, float[] got, int terms, String what) {
        double scale = Math.sqrt(terms + 1);
        double allowed = 2 * 4 * U * scale * scale;
        for (int i = 0; i < want.length; i++) {
            assertEquals(want[i], got[i], allowed, what + ", value " + i);
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
