package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.testing.HybridReference;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The loss with a learned variance in memory that ends with its last value: around a block's 256 threads, blocks that stride. */
@Tag("cuda")
@Tag("kernels")
class HybridKernelsTest {
    private static final double U = 0x1p-24;
    private static final int ROWS = 3;
    private static final int[] SIZES = {1, 2, 255, 256, 257, 771};

    private static ExactMemory memory;
    private final Random random = new Random(17);

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
    void lossAndGradient() {
        for (int pixels : SIZES) {
            for (int channels : new int[] {1, 3}) {
                for (int parts : new int[] {1, 3}) {
                    check(new Nhwc(4, 1, pixels, channels), parts);
                }
            }
        }
    }

    private void check(Nhwc x, int parts) {
        int n = (int) x.count();
        float[] pred = normals(2 * n, random);
        float[] target = normals(n, random);
        float[] xt = HybridReference.xt(target);
        float[] weight = {0.3f, 0, 2, 1};
        int[] row = {2, 0, 1, 0};
        HybridReference reference =
                new HybridReference(x, HybridReference.table(ROWS), row, weight, doubles(target), doubles(xt));
        double[] still = doubles(pred);
        int length = n / 4;

        CudaBuffer partial = memory.doubles(4 * parts);
        Launch first = memory.kernels.get("hybrid_partial").blocks(4L * parts).threads(256);
        given(first, pred, target, xt, weight, row)
                .arg(partial)
                .arg((long) length)
                .arg((int) x.c())
                .arg(parts)
                .run();
        Cells loss = memory.result(Storage.F32, 0, 1);
        Cells perImage = memory.result(Storage.F32, 0, 4);
        Launch second = memory.kernels.get("mse_finish").blocks(1).threads(256);
        second.arg(partial).arg((CudaBuffer) null);
        loss.arg(perImage.arg(second)).arg(4).arg((long) length).arg(parts).run();
        String what = x + " in " + parts;
        double want = reference.loss(still, still)[0];
        assertEquals(want, memory.read(loss)[0], 2 * U * want, "loss of " + what);
        double[] own = reference.perImage(still, still);
        for (int i = 0; i < 4; i++) {
            assertEquals(own[i], memory.read(perImage)[i], 2 * U * own[i], "image " + i + " of " + what);
        }

        Cells dpred = memory.result(Storage.F32, 0, 2 * n);
        Launch launch = memory.kernels.get("hybrid_backward").blocks(4L * parts).threads(256);
        memory.floats(0.7f).arg(given(launch, pred, target, xt, weight, row));
        dpred.arg(launch).arg(4).arg((long) length).arg((int) x.c()).arg(parts).run();
        slopes(what, reference, still, memory.read(dpred));
        memory.forget();
    }

    /** Differences at some values, of the images that are not the same kind, first and last among them. */
    private void slopes(String what, HybridReference reference, double[] pred, float[] got) {
        double h = Math.cbrt(0x1p-52);
        double size = reference.loss(pred, pred)[0];
        for (int k = 0; k < 24; k++) {
            int i = k == 0 ? 0 : k == 1 ? pred.length - 1 : random.nextInt(pred.length);
            double[] above = pred.clone();
            double[] below = pred.clone();
            above[i] += h;
            below[i] -= h;
            double want = 0.7 * (reference.loss(above, pred)[0] - reference.loss(below, pred)[0]) / (2 * h);
            // rounding of the difference, its own error of h^2 / 6 of a slope of about size / n, and that of small
            // probabilities
            double tolerance = 4 * U * Math.abs(want) + 4 * 0x1p-52 / h * size;
            assertEquals(want, got[i], tolerance, "slope " + i + " of " + what);
        }
    }

    private static Launch given(Launch launch, float[] pred, float[] target, float[] xt, float[] weight, int[] row) {
        Launch values = memory.floats(xt)
                .arg(memory.floats(target).arg(memory.floats(pred).arg(launch)));
        Launch rows = memory.floats(weight).arg(values).arg(memory.ints(row));
        return memory.floats(HybridReference.table(ROWS)).arg(rows);
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }
}
