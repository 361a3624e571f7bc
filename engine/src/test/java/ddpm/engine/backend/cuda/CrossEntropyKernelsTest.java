package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.cuda.ExactMemory.Cells;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The backward of cross_entropy.cu on memory that ends where it does: blocks that stride, and threads behind the last element. */
@Tag("cuda")
@Tag("kernels")
class CrossEntropyKernelsTest {
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
    void backward() {
        for (int rows : new int[] {1, 7, 64}) {
            for (int classes : new int[] {1, 10, 33}) {
                backward(rows, classes);
            }
        }
    }

    private void backward(int rows, int classes) {
        float[] x = normals(rows * classes, random);
        float[] logSum = normals(rows, random);
        int[] label = random.ints(rows, 0, classes).toArray();
        Cells dx = memory.result(Storage.F32, 0, x.length);
        var launch = memory.kernels.get("cross_entropy_backward").blocks(2).threads(256);
        memory.floats(x).arg(launch);
        launch.arg(memory.ints(label));
        memory.floats(logSum).arg(launch);
        memory.floats(3).arg(launch);
        dx.arg(launch).arg(rows).arg(classes).run();
        double[] want = new double[x.length];
        double[] tolerance = new double[x.length];
        for (int i = 0; i < want.length; i++) {
            int row = i / classes;
            double share = Math.exp((double) x[i] - logSum[row]);
            want[i] = 3.0 / rows * (share - (i % classes == label[row] ? 1 : 0));
            // the difference in the exponent rounds with its size, below 10
            tolerance[i] = 20 * U * 3.0 / rows * (1 + share);
        }
        ExactMemory.near(rows + "x" + classes, want, memory.read(dx), tolerance);
        memory.forget();
    }
}
