package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.LabelOps.Guide;
import ddpm.engine.backend.LabelOps.LabelDraw;
import ddpm.engine.backend.LabelOps.Labels;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.random.Stream;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The kernels of labels, whose bits are the CPU's (LabelBitsTest), on memory that ends where theirs does. */
@Tag("cuda")
@Tag("kernels")
class LabelKernelsTest {
    private static ExactMemory memory;
    private static CpuBackend cpu;
    private final Random random = new Random(17);

    @BeforeAll
    static void open() {
        memory = new ExactMemory();
        cpu = new CpuBackend(Precision.FP32);
    }

    @AfterAll
    static void close() {
        if (cpu != null) {
            cpu.close();
            memory.close();
        }
    }

    private static Buffer here(float... values) {
        Buffer b = cpu.memory().allocate((long) values.length * Float.BYTES);
        cpu.memory().upload(values, b);
        return b;
    }

    private static Buffer here(int... values) {
        Buffer b = cpu.memory().allocate((long) values.length * Integer.BYTES);
        cpu.memory().upload(values, b);
        return b;
    }

    private static Cells result(int count) {
        return memory.result(Storage.F32, 0, count);
    }

    private static Buffer there(float... values) {
        return memory.floats(values).buffer();
    }

    private static void same(String what, Buffer want, Cells got) {
        float[] values = new float[got.count()];
        cpu.memory().download(want, values);
        assertArrayEquals(values, memory.read(got), what);
    }

    private static CudaLabel cuda() {
        return new CudaLabel(memory.kernels);
    }

    /** The last label and the last row of the table are used, and labels past both ends. */
    @Test
    void embedding() {
        for (int[] e : new int[][] {{1, 1, 1}, {6, 3, 5}, {4, 2, 257}}) { // n, classes, dim
            Labels g = new Labels(e[0], e[1], e[2]);
            int[] label = new int[e[0]];
            for (int i = 0; i < e[0]; i++) {
                label[i] = e[1] - i % (e[1] + 3); // classes, classes - 1, ..., -2
            }
            label[e[0] - 1] = e[1] - 1;
            float[] table = normals(e[1] * e[2], random);
            float[] dy = normals(e[0] * e[2], random);
            Buffer y = here(new float[e[0] * e[2]]);
            Buffer dtable = here(new float[e[1] * e[2]]);
            cpu.label().embedding(g, here(label), here(table), y);
            cpu.label().embeddingBackward(g, here(label), here(dy), dtable);
            Cells gotY = result(e[0] * e[2]);
            Cells gotTable = result(e[1] * e[2]);
            cuda().embedding(g, memory.ints(label), there(table), gotY.buffer());
            cuda().embeddingBackward(g, memory.ints(label), there(dy), gotTable.buffer());
            same("embedding " + g, y, gotY);
            same("embedding backward " + g, dtable, gotTable);
            memory.forget();
        }
    }

    @Test
    void draw() {
        for (int n : new int[] {1, 4, 257}) {
            for (int position : new int[] {0, 3}) {
                LabelDraw g = new LabelDraw(n, n + 2, 0x5EED_F00DL, 0.3, new Stream(7));
                int[] labels = random.ints(n + 2, 0, 9).toArray();
                int[] now = new BatchNumbers(2, position, 5, 1).toWords();
                Buffer want = here(new int[n]);
                cpu.label().draw(g, here(now), here(labels), want);
                Cells got = result(n);
                cuda().draw(g, memory.ints(now), memory.ints(labels), got.buffer());
                same("draw " + g, want, got); // bits, whatever they mean
                memory.forget();
            }
        }
    }

    @Test
    void guide() {
        for (int length : new int[] {1, 3, 255, 256, 257, 1025}) {
            for (int channels : length % 3 == 0 ? new int[] {1, 3} : new int[] {1}) {
                for (float rescale : new float[] {0, 0.7f}) {
                    Guide g = new Guide(new Nhwc(2, 1, length / channels, channels), (channels + 1) / 2, 2.5f, rescale);
                    float[] f = normals(4 * length, random);
                    Buffer[] want = {here(new float[2]), here(new float[2 * length])};
                    Cells[] got = {result(2), result(2 * length)};
                    cpu.label().guide(g, here(f), want[0], want[1]);
                    cuda().guide(g, there(f), got[0].buffer(), got[1].buffer());
                    same("guide " + g, want[1], got[1]);
                    if (rescale != 0) {
                        same("factor of " + g, want[0], got[0]);
                    }
                    memory.forget();
                }
            }
        }
    }

    @Test
    void twice() {
        for (int n : new int[] {1, 255, 257, 1025}) {
            float[] x = normals(n, random);
            Buffer want = here(new float[2 * n]);
            Cells got = result(2 * n);
            cpu.label().twice(n, here(x), want);
            cuda().twice(n, there(x), got.buffer());
            same("twice " + n, want, got);
            memory.forget();
        }
    }
}
