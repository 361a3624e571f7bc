package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.LibraryFixture.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.MatmulOps.Linear;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** cuBLAS behind the products, and the kernels beside it: transposes, what is rounded, sums over rows. */
@Tag("cuda")
@Tag("kernels")
class CudaMatmulTest {
    private static final double U = 0x1p-24;
    private static final int[][] SIZES = {{1, 1, 1}, {1, 5, 3}, {4, 1, 7}, {7, 3, 1}, {2, 17, 33}, {65, 31, 13}};

    private static LibraryFixture libraries;
    private final Random random = new Random(1);

    @BeforeAll
    static void open() {
        libraries = new LibraryFixture();
    }

    @AfterAll
    static void close() {
        if (libraries != null) {
            libraries.close();
        }
    }

    private static CudaMatmul matmul(Precision precision) {
        return new CudaMatmul(libraries.handles, libraries.memory, libraries.bias, precision);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void everyTranspose(Precision precision) {
        for (int[] size : SIZES) {
            for (int transposes = 0; transposes < 4; transposes++) {
                Matmul g = new Matmul(size[0], size[1], size[2], (transposes & 1) != 0, (transposes & 2) != 0);
                check(precision, g, false);
                check(precision, g, true);
                libraries.forget();
            }
        }
    }

    /** In bf16 the reference has the rounded operands: sums and result must be as good as fp32. */
    private void check(Precision precision, Matmul g, boolean graph) {
        float[] a = normals(g.m() * g.k(), 1, random);
        float[] b = normals(g.k() * g.n(), 1, random);
        CudaBuffer onDevice = libraries.upload(a);
        CudaBuffer other = libraries.upload(b);
        CudaBuffer y = libraries.result(g.m() * g.n());
        CudaMatmul ops = matmul(precision);
        Runnable body = () -> ops.matmul(g, onDevice, other, y);
        if (graph) {
            libraries.captured(body, () -> 0);
        } else {
            body.run();
        }
        boolean bf16 = precision == Precision.BF16;
        double[] want = product(g, bf16 ? LibraryFixture.toBf16(a) : a, bf16 ? LibraryFixture.toBf16(b) : b);
        double u = precision == Precision.TF32 ? 0x1p-11 : U;
        float[] got = libraries.download(y, want.length);
        for (int i = 0; i < want.length; i++) {
            double allowed = 4 * u * Math.sqrt(g.k()) * (Math.max(Math.sqrt(g.k()), Math.abs(want[i])));
            assertEquals(want[i], got[i], allowed, "y[" + i + "] of " + g + " in " + precision);
        }
    }

    private static double[] product(Matmul g, float[] a, float[] b) {
        int m = (int) g.m();
        int k = (int) g.k();
        int n = (int) g.n();
        double[] y = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int l = 0; l < k; l++) {
                    sum += (double) a[g.transposeA() ? l * m + i : i * k + l]
                            * b[g.transposeB() ? j * k + l : l * n + j];
                }
                y[i * n + j] = sum;
            }
        }
        return y;
    }

    /** One part and several, tiles of every width, and a rest in each. */
    @Test
    void sumsOverRows() {
        for (int rows : new int[] {1, 3, 255, 256, 257, 1031, 66_000}) {
            for (int columns : new int[] {1, 2, 3, 5, 16, 31, 33, 65}) {
                if ((long) rows * columns < 700_000) {
                    sumRows(rows, columns);
                }
            }
        }
    }

    private void sumRows(int rows, int columns) {
        float[] a = normals((long) rows * columns, 1, random);
        double[] want = new double[columns];
        for (int i = 0; i < a.length; i++) {
            want[i % columns] += a[i];
        }
        CudaBuffer from = libraries.upload(a);
        CudaBuffer to = libraries.result(columns);
        gradientOfBias(rows, columns, from, to);
        float[] got = libraries.download(to, columns);
        for (int j = 0; j < columns; j++) {
            assertEquals(want[j], got[j], 2 * U * rows, "column " + j + " of " + rows + " x " + columns);
        }
        gradientOfBias(rows, columns, from, to);
        assertArrayEquals(got, libraries.download(to, columns), "two runs");
        libraries.forget();
    }

    private static void gradientOfBias(int rows, int columns, CudaBuffer dy, CudaBuffer db) {
        matmul(Precision.FP32).linearBackward(new Linear(rows, 1, columns), null, null, dy, null, null, db);
    }

    /** Every kind of number: halfway cases to even, the largest, infinities, NaN, numbers below the normal ones. */
    @Test
    void castsToBf16() {
        float[] x = {
            0f,
            -0f,
            1f,
            1.00390625f,
            1.01171875f,
            3.4e38f,
            -3.4e38f,
            Float.MAX_VALUE,
            Float.MIN_VALUE,
            1e-40f,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            (float) Math.PI
        };
        CudaBuffer from = libraries.upload(x);
        CudaBuffer half = libraries.memory.allocate(2L * x.length);
        CudaBuffer back = libraries.result(x.length);
        CudaBuffer rounded = libraries.result(x.length);
        libraries.bias.toBf16(x.length, from, half);
        libraries.bias.fromBf16(x.length, half, back);
        libraries.bias.roundBf16(x.length, from, rounded);
        assertArrayEquals(LibraryFixture.toBf16(x), libraries.download(back, x.length));
        assertArrayEquals(LibraryFixture.toBf16(x), libraries.download(rounded, x.length));
        CudaBuffer nan = libraries.upload(new float[] {Float.NaN});
        libraries.bias.roundBf16(1, nan, nan);
        assertTrue(Float.isNaN(libraries.download(nan, 1)[0]));
        libraries.memory.free(half);
        libraries.forget();
    }

    /** The bias of cuDNN's results, in fp32 and bf16: fewer elements than threads, and several for each thread. */
    @Test
    void bias() {
        for (int rows : new int[] {1, 37, 30_011}) {
            for (int columns : new int[] {1, 11, 32}) {
                bias(rows, columns);
            }
        }
    }

    private void bias(int rows, int columns) {
        float[] x = normals((long) rows * columns, 1, random);
        float[] b = normals(columns, 1, random);
        CudaBuffer floats = libraries.upload(x);
        CudaBuffer added = libraries.upload(b);
        CudaBuffer half = libraries.memory.allocate(2L * x.length);
        CudaBuffer y = libraries.result(x.length);
        libraries.bias.toBf16(x.length, floats, half);
        libraries.bias.addBiasBf16(rows, columns, half, added, y);
        assertArrayEquals(plus(LibraryFixture.toBf16(x), b), libraries.download(y, x.length));
        libraries.bias.addBias(rows, columns, floats, added);
        assertArrayEquals(plus(x, b), libraries.download(floats, x.length));
        libraries.bias.fromBf16(x.length, half, y);
        assertArrayEquals(LibraryFixture.toBf16(x), libraries.download(y, x.length));
        libraries.memory.free(half);
        libraries.forget();
    }

    private static float[] plus(float[] x, float[] b) {
        float[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] += b[i % b.length];
        }
        return y;
    }
}
