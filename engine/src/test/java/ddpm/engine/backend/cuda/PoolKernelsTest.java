package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.PoolOps.Pool;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.testing.PoolReference;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** pool.cu on memory that ends where it does: packs of every width, more of them than a block has threads, fewer blocks than images. */
@Tag("cuda")
@Tag("kernels")
class PoolKernelsTest {
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
    void pools() {
        for (int c : new int[] {1, 2, 3, 4, 8, 12, 257, 300}) {
            pool(new Pool(new Nhwc(3, 4, 5, c), Hw.square(2), Hw.square(2)));
            pool(new Pool(new Nhwc(3, 5, 4, c), new Hw(3, 2), new Hw(1, 2)));
        }
        pool(new Pool(new Nhwc(2, 17, 33, 3), Hw.square(16), new Hw(1, 17))); // places up to 255
        pool(new Pool(new Nhwc(2, 7, 9, 1), new Hw(2, 3), new Hw(3, 4)));
    }

    private void pool(Pool g) {
        int large = (int) g.x().count();
        int small = (int) g.y().count();
        int offset = g.x().c() == 8 ? 1 : 0; // then no pack is aligned
        float[] x = normals(large, random);
        float[] dy = normals(small, random);
        Cells in = memory.upload(Storage.F32, 0, x);
        Cells slope = memory.upload(Storage.F32, 0, dy);
        CudaBuffer place = memory.bytes(new byte[small]);

        Cells y = memory.result(Storage.F32, offset, small);
        extents(g, y.arg(in.arg(launch("max_pool_f32"))).arg(place)).run();
        float[] largest = new float[small];
        byte[] places = new byte[small];
        float[] dx = new float[large];
        float[] sums = new float[small];
        for (int i = 0; i < small; i++) {
            largest[i] = Float.NEGATIVE_INFINITY;
            for (int k = 0; k < g.window().h(); k++) {
                for (int l = 0; l < g.window().w(); l++) {
                    float v = x[PoolReference.from(g, i, k, l)];
                    sums[i] += v;
                    if (v > largest[i]) {
                        largest[i] = v;
                        places[i] = (byte) (k * g.window().w() + l);
                    }
                }
            }
            sums[i] *= g.share();
        }
        assertArrayEquals(largest, memory.read(y), "max " + g);
        assertArrayEquals(places, memory.readBytes(place, small), "places " + g);

        Cells back = memory.result(Storage.F32, offset, large);
        extents(g, back.arg(slope.arg(launch("max_pool_backward_f32").arg(place))))
                .run();
        float[] dxOfMean = new float[large];
        for (int i = 0; i < small; i++) { // rows and columns of windows ascend, as in the contract
            int at = places[i] & 0xff;
            dx[
                    PoolReference.from(
                            g,
                            i,
                            at / (int) g.window().w(),
                            at % (int) g.window().w())] += dy[i];
            for (int k = 0; k < g.window().h(); k++) {
                for (int l = 0; l < g.window().w(); l++) {
                    dxOfMean[PoolReference.from(g, i, k, l)] += dy[i];
                }
            }
        }
        for (int i = 0; i < large; i++) {
            dxOfMean[i] *= g.share();
        }
        assertArrayEquals(dx, memory.read(back), "max backward " + g);

        Cells mean = memory.result(Storage.F32, offset, small);
        extents(g, mean.arg(in.arg(launch("mean_pool_f32")))).arg(g.share()).run();
        assertArrayEquals(sums, memory.read(mean), "mean " + g);
        Cells meanBack = memory.result(Storage.F32, offset, large);
        extents(g, meanBack.arg(slope.arg(launch("mean_pool_backward_f32"))))
                .arg(g.share())
                .run();
        assertArrayEquals(dxOfMean, memory.read(meanBack), "mean backward " + g);
        memory.forget();
    }

    private static Launch launch(String kernel) {
        return memory.kernels.get(kernel).blocks(2, 2).threads(256);
    }

    private static Launch extents(Pool g, Launch launch) {
        Nhwc x = g.x();
        Nhwc y = g.y();
        for (long extent : new long[] {
            x.n(),
            x.h(),
            x.w(),
            x.c(),
            y.h(),
            y.w(),
            g.window().h(),
            g.window().w(),
            g.stride().h(),
            g.stride().w()
        }) {
            launch.arg((int) extent);
        }
        return launch;
    }
}
