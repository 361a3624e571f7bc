package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ElementwiseOps.Waves;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.backend.cuda.memory.SlotList;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Loss and sums in two stages, the embedding of timesteps: whole groups of four and the rest, blocks that stride. */
@Tag("cuda")
@Tag("kernels")
class ReductionKernelsTest {
    private static final double U = 0x1p-24;

    /** Around a group of four, the groups of a block (1024) and of three (3072). */
    private static final int[] SIZES = {1, 2, 3, 4, 5, 7, 8, 1023, 1024, 1025, 3071, 3072, 3073, 4099};

    private static final int[] BLOCKS = {1, 3};

    private static ExactMemory memory;
    private final Random random = new Random(13);

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

    /** Sums in double: one rounding, that of the result. Images that are aligned and not, with weights and without. */
    @Test
    void mse() {
        for (int n : SIZES) {
            for (int parts : BLOCKS) {
                for (int images : new int[] {1, 3}) {
                    mse(images, n, parts, new float[] {0.3f, 0, 2});
                }
                mse(1, n, parts, null);
            }
        }
        mse(300, 5, 1, normals(300, random)); // more images than threads
    }

    private void mse(int images, int length, int parts, float[] weight) {
        float[] pred = normals(images * length, random);
        float[] target = normals(images * length, random);
        double[] own = new double[images];
        double want = 0;
        double size = 0;
        for (int i = 0; i < images; i++) {
            for (int k = i * length; k < (i + 1) * length; k++) {
                double d = (double) pred[k] - target[k];
                own[i] += d * d / length;
            }
            double w = weight == null ? 1 : weight[i];
            want += w * own[i] / images;
            size += Math.abs(w) * own[i] / images;
        }
        CudaBuffer partial = memory.doubles(images * parts);
        Launch first = memory.kernels.get("mse_partial").blocks(images * parts).threads(256);
        memory.floats(target)
                .arg(memory.floats(pred).arg(first))
                .arg(partial)
                .arg((long) length)
                .arg(parts)
                .run();
        Cells loss = memory.result(Storage.F32, 0, 1);
        Cells perImage = weight == null ? null : memory.result(Storage.F32, 0, images);
        Launch second = memory.kernels.get("mse_finish").blocks(1).threads(256);
        second.arg(partial);
        second.arg(weight == null ? null : memory.floats(weight).buffer());
        second.arg(perImage == null ? null : perImage.buffer());
        loss.arg(second).arg(images).arg((long) length).arg(parts).run();
        String what = images + " images of " + length + " in " + parts;
        assertEquals(want, memory.read(loss)[0], 2 * U * size, "mse of " + what);
        for (int i = 0; perImage != null && i < images; i++) {
            assertEquals(own[i], memory.read(perImage)[i], 2 * U * own[i], "image " + i + " of " + what);
        }
        memory.forget();
    }

    @Test
    void mseBackward() {
        for (int n : SIZES) {
            for (int parts : BLOCKS) {
                mseBackward(1, n, parts, null);
                mseBackward(3, n, parts, new float[] {0.3f, 0, 2});
            }
        }
    }

    private void mseBackward(int images, int length, int parts, float[] weight) {
        float dloss = 0.7f;
        int n = images * length;
        float[] pred = normals(n, random);
        float[] target = normals(n, random);
        Cells dpred = memory.result(Storage.F32, 0, n);
        Launch launch =
                memory.kernels.get("mse_backward").blocks(images * parts).threads(256);
        memory.floats(target).arg(memory.floats(pred).arg(launch));
        launch.arg(weight == null ? null : memory.floats(weight).buffer());
        dpred.arg(memory.floats(dloss).arg(launch))
                .arg(images)
                .arg((long) length)
                .arg(parts)
                .run();
        double[] want = new double[n];
        double[] tolerance = new double[n];
        for (int i = 0; i < n; i++) {
            double w = weight == null ? 1 : weight[i / length];
            want[i] = 2.0 * dloss * w * ((double) pred[i] - target[i]) / n;
            tolerance[i] = 4 * U * Math.abs(want[i]);
        }
        ExactMemory.near("mse_backward of " + n + " in " + parts, want, memory.read(dpred), tolerance);
        memory.forget();
    }

    /** As many partial sums as threads, and more: the second stage strides too. */
    @Test
    void sum() {
        for (int n : SIZES) {
            for (int blocks : new int[] {1, 3, 256, 257}) {
                if (blocks > 3 && n < 4099) {
                    continue;
                }
                float[] x = normals(n, random);
                double want = 0;
                double size = 0;
                for (float v : x) {
                    want += 3 * (double) v;
                    size += 3 * Math.abs((double) v);
                }
                CudaBuffer partial = memory.doubles(blocks);
                Launch first = memory.kernels.get("sum_partial").blocks(blocks).threads(256);
                memory.floats(x).arg(first).arg(partial).arg((long) n).run();
                Cells y = memory.result(Storage.F32, 0, 1);
                Launch second = memory.kernels.get("sum_finish").blocks(1).threads(256);
                y.arg(second.arg(partial)).arg(blocks).arg(3f).run();
                double tolerance = U * Math.abs(want) + n * 0x1p-52 * size;
                assertEquals(want, memory.read(y)[0], tolerance, "sum of " + n + " in " + blocks);
                memory.forget();
            }
        }
    }

    /** Angles up to 999 keep their digits: the error is that of one rounding of the result, not of the angle. */
    @Test
    void timestepEmbedding() {
        for (int dim : new int[] {2, 6, 34, 128}) {
            for (int n : new int[] {1, 2, 9}) {
                float[] t = new float[n];
                for (int i = 1; i < n; i++) {
                    t[i] = i % 2 == 0 ? 1000 * random.nextFloat() : random.nextInt(1000);
                }
                t[0] = 999;
                Waves g = new Waves(n, dim, n == 2 && dim > 2 ? 1 : 0, n == 9);
                double[] want = new double[n * dim];
                double[] tolerance = new double[want.length];
                for (int i = 0; i < want.length; i++) {
                    int k = i % dim % (dim / 2);
                    double angle = t[i / dim] / Math.pow(10_000, k / (dim / 2.0 - g.shift()));
                    want[i] = i % dim < dim / 2 != g.cosinesFirst() ? Math.sin(angle) : Math.cos(angle);
                    tolerance[i] = 8 * U;
                }
                Cells y = memory.result(Storage.F32, 0, want.length);
                Launch launch = memory.kernels
                        .get("timestep_embedding")
                        .blocks(1 + n % 2)
                        .threads(64);
                y.arg(memory.floats(t).arg(launch))
                        .arg(n)
                        .arg(dim)
                        .arg(g.sines())
                        .arg(g.cosines())
                        .arg(g.span())
                        .run();
                ExactMemory.near("embedding of " + n + " in " + dim, want, memory.read(y), tolerance);
                memory.forget();
            }
        }
    }

    /** One block or several for a slot; what is behind a slot belongs to somebody else. */
    @Test
    void squareSums() {
        int[] sizes = {1, 4097, 3, 4, 5, 4095, 4096, 8195, 7};
        float[][] grads = new float[sizes.length][];
        List<Long> n = new ArrayList<>();
        List<List<Buffer>> buffers = new ArrayList<>();
        double want = 0;
        for (int i = 0; i < sizes.length; i++) {
            grads[i] = normals(sizes[i], random);
            n.add((long) sizes[i]);
            buffers.add(List.of(memory.floats(grads[i]).buffer()));
            for (float v : grads[i]) {
                want += (double) v * v;
            }
        }
        int parts = SlotList.blocks(n);
        CudaBuffer partial = memory.doubles(parts);
        for (SlotList list : SlotList.cut(192, n, buffers)) {
            Launch launch =
                    memory.kernels.get("square_sums").blocks(list.blocks()).threads(SlotList.THREADS);
            launch.arg(partial).arg(list.struct()).run();
        }
        float[] clipped = clip(partial, parts, 1e9f);
        assertEquals(Math.sqrt(want), clipped[0], U * Math.sqrt(want), "norm");
        assertEquals(1, clipped[1], "scale of a short gradient");
        clipped = clip(partial, parts, 2);
        assertEquals(2 / (Math.sqrt(want) + 1e-6), clipped[1], 2 * U, "scale of a long one");
        assertArrayEquals(new float[] {1, 0.5f, clipped[0]}, new float[] {clipped[2], clipped[3], clipped[4]});
        memory.forget();
    }

    /** @return norm, scale and whether training may go on; then loss and norm as slot 1 of the results has them */
    private static float[] clip(CudaBuffer partial, int parts, float maxNorm) {
        Cells state = memory.floats(0, 0, 1, 0);
        Cells results = memory.floats(-1, -1, -1, -1);
        Launch launch = memory.kernels.get("gradient_clip").blocks(1).threads(256);
        memory.floats(0.5f).arg(launch.arg(memory.ints(1, 0, 0, 0))).arg(partial);
        results.arg(state.arg(launch)).arg(parts).arg(maxNorm).run();
        float[] s = memory.read(state);
        float[] r = memory.read(results);
        assertArrayEquals(new float[] {-1, -1}, new float[] {r[0], r[1]}, "another slot");
        return new float[] {s[0], s[1], s[2], r[2], r[3]};
    }
}
