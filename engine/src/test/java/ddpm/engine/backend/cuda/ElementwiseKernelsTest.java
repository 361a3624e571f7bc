package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.Launch;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Elementwise kernels on either storage: whole packs and single elements, blocks that stride, results over inputs. */
@Tag("cuda")
@Tag("kernels")
class ElementwiseKernelsTest {
    private static final double U = 0x1p-24;

    /** Around packs of 4 and 8, a block of packs (1024, 2048) and the threads of a block. */
    private static final List<Integer> SIZES =
            List.of(1, 3, 4, 5, 7, 8, 9, 31, 255, 256, 257, 1023, 1024, 1027, 2048, 2055);

    private static final int[] GRIDS = {1, 3}; // the first makes blocks stride

    private static ExactMemory memory;
    private final Random random = new Random(3);

    @BeforeAll
    static void open() {
        memory = new ExactMemory();
    }

    @AfterAll
    static void close() {
        if (memory != null) {
            memory.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Storage.class)
    void add(Storage storage) {
        pairs("add", storage, (a, b) -> a + b, (a, b) -> Math.abs(a) + Math.abs(b));
    }

    /** Slopes near zero are differences: there the error is of their terms, at most 1 + |x|. */
    @ParameterizedTest
    @EnumSource(Storage.class)
    void siluBackward(Storage storage) {
        pairs("silu_backward", storage, (x, dy) -> dy * slope(x), (x, dy) -> 8 * Math.abs(dy) * (1 + Math.abs(x)));
    }

    private static double slope(double x) {
        double s = 1 / (1 + Math.exp(-x));
        return s * (1 + x * (1 - s));
    }

    /** @param size of the terms, each of which rounds to float32 once */
    private void pairs(String name, Storage storage, DoubleBinaryOperator f, DoubleBinaryOperator size) {
        for (int n : SIZES) {
            for (int offset = 0; offset < 2; offset++) {
                for (int grid : GRIDS) {
                    float[] a = storage.stored(normals(n, random));
                    float[] b = storage.stored(normals(n, random));
                    Cells left = memory.upload(storage, offset, a);
                    Cells right = memory.upload(storage, 0, b);
                    Cells y = grid == 1 ? left : memory.result(storage, offset, n);
                    Launch launch = memory.kernel(name, storage).blocks(grid).threads(256);
                    y.arg(right.arg(left.arg(launch))).arg((long) n).run();
                    double[] want = new double[n];
                    double[] tolerance = new double[n];
                    for (int i = 0; i < n; i++) {
                        want[i] = f.applyAsDouble(a[i], b[i]);
                        tolerance[i] = storage.roundoff * Math.abs(want[i]) + 2 * U * size.applyAsDouble(a[i], b[i]);
                    }
                    String what = name + storage.suffix + " n=" + n + " offset " + offset + " grid " + grid;
                    ExactMemory.near(what, want, memory.read(y), tolerance);
                    memory.forget();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Storage.class)
    void scale(Storage storage) {
        float factor = -1.7f;
        for (int n : SIZES) {
            float[] x = storage.stored(normals(n, random));
            Cells from = memory.upload(storage, n % 2, x);
            Cells y = memory.result(storage, n % 2, n);
            Launch launch = memory.kernel("scale", storage).blocks(GRIDS[n % 2]).threads(256);
            y.arg(from.arg(launch)).arg((long) n).arg(factor).run();
            check("scale n=" + n, storage, x, v -> factor * v, 1, memory.read(y));
        }
    }

    /** Also where exp overflows, or gives nothing. */
    @ParameterizedTest
    @EnumSource(Storage.class)
    void silu(Storage storage) {
        for (int n : SIZES) {
            for (int offset = 0; offset < 2; offset++) {
                float[] x = normals(n, random);
                x[n / 2] = n % 2 == 0 ? -87 : 87;
                x[0] = n % 2 == 0 ? -100 : 30;
                x = storage.stored(x);
                Cells from = memory.upload(storage, offset, x);
                Cells y = memory.result(storage, offset, n);
                Launch launch = memory.kernel("silu_forward", storage)
                        .blocks(GRIDS[offset])
                        .threads(256);
                y.arg(from.arg(launch)).arg((long) n).run();
                // exp of a rounded exponent: |x| more roundings
                check("silu n=" + n, storage, x, v -> v / (1 + Math.exp(-v)), 100, memory.read(y));
            }
        }
    }

    private void check(String what, Storage storage, float[] x, DoubleUnaryOperator f, int roundings, float[] got) {
        double[] want = new double[x.length];
        double[] tolerance = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            want[i] = f.applyAsDouble(x[i]);
            tolerance[i] = (storage.roundoff + 2 * roundings * U) * Math.abs(want[i]) + Float.MIN_NORMAL;
        }
        ExactMemory.near(what + storage.suffix, want, got, tolerance);
        memory.forget();
    }

    @ParameterizedTest
    @EnumSource(Storage.class)
    void fill(Storage storage) {
        for (int n : SIZES) {
            for (int offset = 0; offset < 2; offset++) {
                Cells y = memory.result(storage, offset, n);
                Launch launch =
                        memory.kernel("fill", storage).blocks(GRIDS[offset]).threads(256);
                y.arg(memory.floats(0.3f).arg(launch)).arg((long) n).arg(7f).run();
                float[] same = new float[n];
                Arrays.fill(same, 0.3f);
                check("fill n=" + n, storage, same, v -> 7 * v, 1, memory.read(y));
            }
        }
    }
}
