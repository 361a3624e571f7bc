package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.testing.ArrayReference;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** softmax.cu on memory that ends where it does: rows of warps and of blocks, more rows than the grid takes at once, results over inputs. */
@Tag("cuda")
@Tag("kernels")
class SoftmaxKernelsTest {
    private static final double U = 0x1p-24;

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

    @Test
    void softmax() {
        for (int rowThreads : new int[] {32, 256}) {
            for (int length : new int[] {1, 31, 32, 33, 255, 257, 600}) {
                for (int rows : new int[] {1, 2, 19}) {
                    softmax(rows, length, rowThreads);
                }
            }
        }
    }

    private void softmax(int rows, int length, int rowThreads) {
        boolean over = rows == 2;
        String what = rows + "x" + length + " by " + rowThreads;
        float[] x = normals(rows * length, random);
        float[] dy = normals(rows * length, random);
        Cells in = memory.floats(x);
        Cells y = over ? in : memory.result(Storage.F32, 1, x.length);
        run("softmax_forward", rows, length, rowThreads, in, y);
        double[] want = ArrayReference.softmax(length, doubles(x));
        near(what, want, 1, length, y);

        float[] got = memory.read(y);
        Cells gradient = memory.floats(dy);
        Cells dx = over ? gradient : memory.result(Storage.F32, 0, x.length);
        run("softmax_backward", rows, length, rowThreads, memory.floats(got), gradient, dx);
        double[] slope = new double[x.length];
        double largest = 0;
        for (int i = 0; i < slope.length; i++) {
            int row = i / length * length;
            double sum = 0;
            for (int k = row; k < row + length; k++) {
                sum += (double) dy[k] * got[k];
            }
            slope[i] = got[i] * (dy[i] - sum);
            largest = Math.max(largest, Math.abs(dy[i]));
        }
        near(what + " backward", slope, largest, length, dx);
        memory.forget();
    }

    /** exp of at most 10 in size, and partial sums. */
    private static void near(String what, double[] want, double scale, int length, Cells cells) {
        double tolerance = (20 + Math.sqrt(length)) * U * scale;
        double[] allowed =
                IntStream.range(0, want.length).mapToDouble(i -> tolerance).toArray();
        ExactMemory.near(what, want, memory.read(cells), allowed);
    }

    private static void run(String kernel, int rows, int length, int rowThreads, Cells... cells) {
        Launch launch = memory.kernels.get(kernel).blocks(2).threads(256);
        for (Cells c : cells) {
            c.arg(launch);
        }
        launch.arg(rows).arg(length).arg(rowThreads).run();
    }

    private static double[] doubles(float[] x) {
        return IntStream.range(0, x.length).mapToDouble(i -> x[i]).toArray();
    }
}
