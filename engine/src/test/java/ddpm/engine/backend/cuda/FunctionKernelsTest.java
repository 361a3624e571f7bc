package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.ElementwiseOps.Function;
import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.testing.Functions;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** functions.cu on memory that ends where it does: whole packs and single elements, blocks that stride, results over inputs. */
@Tag("cuda")
@Tag("kernels")
class FunctionKernelsTest {
    private static final double U = 0x1p-24;
    private static final List<Integer> SIZES = List.of(1, 3, 4, 5, 255, 1024, 1027, 2055);

    private static ExactMemory memory;
    private final Random random = new Random(5);

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

    private float[] inputs(Function f, int n) {
        float[] x = normals(n, random);
        for (int i = 0; i < n; i++) {
            x[i] = Functions.positive(f) ? 0.1f + Math.abs(x[i]) : 2 * x[i];
        }
        return x;
    }

    @ParameterizedTest
    @EnumSource(Function.class)
    void function(Function f) {
        for (int n : SIZES) {
            for (int offset = 0; offset < 2; offset++) {
                float[] x = inputs(f, n);
                float[] dy = normals(n, random);
                run(f + " n=" + n, "function_forward_f32", f.ordinal(), offset, i -> Functions.value(f, x[i]), x);
                run(
                        f + "' n=" + n,
                        "function_backward_f32",
                        f.ordinal(),
                        offset,
                        i -> dy[i] * Functions.slope(f, x[i]),
                        x,
                        dy);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void pair(Pair pair) {
        for (int n : SIZES) {
            for (int offset = 0; offset < 2; offset++) {
                float[] a = normals(n, random);
                float[] b = inputs(Function.LOG, n);
                run(pair + " n=" + n, "combine_f32", pair.ordinal(), offset, i -> Functions.of(pair, a[i], b[i]), a, b);
            }
        }
    }

    /** The result over the first input from one block that strides, else in memory of its own. */
    private void run(String what, String kernel, int which, int offset, IntToDoubleFunction f, float[]... in) {
        int n = in[0].length;
        boolean over = offset == 0;
        Launch launch = memory.kernels.get(kernel).blocks(over ? 1 : 3).threads(256);
        Cells first = null;
        for (float[] values : in) {
            Cells cells = memory.upload(Storage.F32, offset, values);
            first = first == null ? cells : first;
            launch = cells.arg(launch);
        }
        Cells y = over ? first : memory.result(Storage.F32, offset, n);
        y.arg(launch).arg((long) n).arg(which).run();
        double[] want = new double[n];
        double[] tolerance = new double[n];
        for (int i = 0; i < n; i++) {
            want[i] = f.applyAsDouble(i);
            tolerance[i] = 8 * U * Math.max(1, Math.abs(want[i]));
        }
        ExactMemory.near(what, want, memory.read(y), tolerance);
        memory.forget();
    }
}
