package ddpm.engine.backend.cuda.conv;

import static ddpm.engine.backend.cuda.ExactMemory.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cuda.ExactMemory;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Windows as rows, and rows summed back, bit for bit, by loops over the windows. */
@Tag("cuda")
@Tag("kernels")
class UnfoldKernelsTest {
    private static ExactMemory memory;
    private static UnfoldKernels kernels;
    private final Random random = new Random(5);

    @BeforeAll
    static void open() {
        memory = new ExactMemory();
        kernels = new UnfoldKernels(memory.kernels);
    }

    @AfterAll
    static void close() {
        if (memory != null) {
            memory.close();
        }
    }

    /** Packs of 4, 2 and 1 channels, panels with threads left over, channels beyond a row of threads. */
    private static List<ConvSpec> geometries() {
        List<ConvSpec> all = new ArrayList<>();
        for (long c : new long[] {1, 2, 3, 4, 12}) {
            all.add(geometry(new Nhwc(2, 5, 4, c), new Hw(3, 3), new Hw(1, 1), new Hw(1, 1)));
            all.add(geometry(new Nhwc(3, 6, 7, c), new Hw(1, 1), new Hw(3, 2), new Hw(1, 2))); // windows of nothing
            all.add(geometry(new Nhwc(1, 7, 10, c), new Hw(3, 5), new Hw(2, 1), new Hw(0, 2)));
            all.add(geometry(new Nhwc(2, 8, 9, c), new Hw(2, 3), new Hw(4, 4), new Hw(0, 0))); // pixels in no window
        }
        all.add(geometry(new Nhwc(2, 3, 2, 300), new Hw(2, 2), new Hw(1, 1), new Hw(1, 0)));
        all.add(geometry(new Nhwc(1, 2, 3, 1100), new Hw(2, 2), new Hw(1, 1), new Hw(0, 0)));
        all.add(geometry(new Nhwc(1, 1, 1, 4), new Hw(5, 5), new Hw(1, 1), new Hw(2, 2)));
        return all;
    }

    private static ConvSpec geometry(Nhwc x, Hw kernel, Hw stride, Hw padding) {
        return ConvSpec.conv2d(x, 1, kernel, stride, padding);
    }

    @Test
    void unfold() {
        for (ConvSpec g : geometries()) {
            float[] x = normals((int) g.x().count(), random);
            float[] want = new float[rows(g)];
            each(g, (row, at) -> {
                for (int c = 0; c < g.x().c() && at >= 0; c++) {
                    want[row + c] = x[at + c];
                }
            });
            for (int offset : new int[] {0, 1, 4}) { // of x; from 1 on no pack is aligned
                Cells in = memory.upload(Storage.F32, offset, x);
                Cells out = memory.result(Storage.F32, 0, want.length);
                kernels.unfold(g, g.x().n(), in.buffer(), 4L * offset, out.buffer());
                assertArrayEquals(want, memory.read(out), "unfold of " + g + ", offset " + offset);
                memory.forget();
            }
        }
    }

    @Test
    void fold() {
        for (ConvSpec g : geometries()) {
            float[] rows = normals(rows(g), random);
            float[] want = new float[(int) g.x().count()];
            sums(g, rows, want);
            for (int offset : new int[] {0, 1, 4}) { // of dx
                Cells in = memory.upload(Storage.F32, 0, rows);
                Cells out = memory.result(Storage.F32, offset, want.length);
                kernels.fold(g, g.x().n(), in.buffer(), out.buffer(), 4L * offset);
                assertArrayEquals(want, memory.read(out), "fold of " + g + ", offset " + offset);
                memory.forget();
            }
        }
    }

    private interface Element {
        /** @param row first of the channels in the rows @param x the same in the images, -1 outside */
        void at(int row, int x);
    }

    private static int rows(ConvSpec g) {
        return (int) (g.y().count() * g.kernel().h() * g.kernel().w() * g.x().c());
    }

    private static void each(ConvSpec g, Element element) {
        int row = 0;
        for (long pixel = 0; pixel < g.y().n() * g.y().pixels(); pixel++) {
            long n = pixel / g.y().pixels();
            long p = pixel % g.y().pixels() / g.y().w();
            long q = pixel % g.y().w();
            for (long r = 0; r < g.kernel().h(); r++) {
                for (long s = 0; s < g.kernel().w(); s++) {
                    long h = p * g.stride().h() - g.padding().h() + r;
                    long w = q * g.stride().w() - g.padding().w() + s;
                    boolean inside = h >= 0 && h < g.x().h() && w >= 0 && w < g.x().w();
                    element.at(row, inside ? (int) (((n * g.x().h() + h) * g.x().w() + w) * g.x().c()) : -1);
                    row += (int) g.x().c();
                }
            }
        }
    }

    /** In the order of r, then s: of the windows that hold a pixel, from the last to the first. */
    private static void sums(ConvSpec g, float[] rows, float[] dx) {
        List<int[]> all = new ArrayList<>();
        each(g, (row, at) -> {
            if (at >= 0) {
                all.add(new int[] {row, at});
            }
        });
        for (int i = all.size() - 1; i >= 0; i--) {
            for (int c = 0; c < g.x().c(); c++) {
                dx[all.get(i)[1] + c] += rows[all.get(i)[0] + c];
            }
        }
    }
}
