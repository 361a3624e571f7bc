package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.testing.Functions;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A vector for each image, added to its pixels, and the sum over pixels, on either storage. */
@Tag("cuda")
@Tag("kernels")
class BroadcastKernelsTest {
    private static final double U = 0x1p-24;

    /** Packs of every width, and more of them than a block has threads. */
    private static final int[] CHANNELS = {1, 2, 3, 4, 8, 12, 17, 24, 257, 300};

    private static final int[] PIXELS = {1, 2, 9, 65};

    private static ExactMemory memory;
    private final Random random = new Random(7);

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

    /** Three images for two rows of blocks; the result over its input, or at addresses that only single elements fit. */
    @ParameterizedTest
    @EnumSource(Storage.class)
    void addPerImage(Storage storage) {
        int images = 3;
        for (int c : CHANNELS) {
            for (int pixels : PIXELS) {
                float[] x = storage.stored(normals(images * pixels * c, random));
                float[] b = storage.stored(normals(images * c, random));
                Cells in = memory.upload(storage, 0, x);
                Cells y = pixels == 9 ? in : memory.result(storage, pixels % 2, x.length);
                Launch launch = memory.kernel("add_per_image", storage)
                        .blocks(1 + pixels % 2, 2)
                        .threads(256);
                y.arg(memory.upload(storage, 0, b).arg(in.arg(launch)))
                        .arg(images)
                        .arg(pixels)
                        .arg(c)
                        .run();
                double[] want = new double[x.length];
                double[] tolerance = new double[x.length];
                for (int i = 0; i < x.length; i++) {
                    want[i] = (double) x[i] + b[i / (pixels * c) * c + i % c];
                    tolerance[i] = (storage.roundoff + U) * Math.abs(want[i]);
                }
                ExactMemory.near(
                        "add_per_image" + storage.suffix + " " + pixels + "x" + c, want, memory.read(y), tolerance);
                memory.forget();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Storage.class)
    void sumPixels(Storage storage) {
        for (int c : CHANNELS) {
            int widest = GroupNormCut.width(c, storage.bytes);
            for (int pixels : PIXELS) {
                for (int width = 1; width <= widest; width *= 2) {
                    for (int perBlock : new int[] {1, 3, 256}) {
                        if (c / width > 32 * perBlock) {
                            continue; // blocks for nothing new
                        }
                        sumPixels(storage, pixels, c, width, Math.min(perBlock, c / width));
                    }
                }
            }
        }
    }

    private void sumPixels(Storage storage, int pixels, int c, int width, int packsPerBlock) {
        int images = 3;
        float[] dy = storage.stored(normals(images * pixels * c, random));
        Cells db = memory.result(storage, 0, images * c);
        int blocks = (c / width + packsPerBlock - 1) / packsPerBlock;
        Launch launch = memory.kernel("sum_pixels", storage).blocks(blocks, 2).threads(256);
        db.arg(memory.upload(storage, 0, dy).arg(launch))
                .arg(images)
                .arg(pixels)
                .arg(c)
                .arg(packsPerBlock)
                .arg(width)
                .run();
        double[] want = new double[images * c];
        double[] size = new double[want.length];
        for (int i = 0; i < dy.length; i++) {
            want[i / (pixels * c) * c + i % c] += dy[i];
            size[i / (pixels * c) * c + i % c] += Math.abs(dy[i]);
        }
        for (int i = 0; i < want.length; i++) {
            size[i] = storage.roundoff * Math.abs(want[i]) + pixels * U * size[i];
        }
        String what =
                "sum_pixels" + storage.suffix + " " + pixels + "x" + c + " width " + width + " of " + packsPerBlock;
        ExactMemory.near(what, want, memory.read(db), size);
        memory.forget();
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void combinePerImage(Pair pair) {
        int images = 3;
        for (int c : CHANNELS) {
            for (int pixels : PIXELS) {
                float[] x = normals(images * pixels * c, random);
                float[] b = normals(images * c, random);
                Cells in = memory.floats(x);
                Cells y = pixels == 9 ? in : memory.result(Storage.F32, pixels % 2, x.length);
                Launch launch = memory.kernel("combine_per_image", Storage.F32)
                        .blocks(1 + pixels % 2, 2)
                        .threads(256);
                y.arg(memory.floats(b).arg(in.arg(launch)))
                        .arg(images)
                        .arg(pixels)
                        .arg(c)
                        .arg(pair.ordinal())
                        .run();
                double[] want = new double[x.length];
                double[] tolerance = new double[x.length];
                for (int i = 0; i < x.length; i++) {
                    want[i] = Functions.of(pair, x[i], b[i / (pixels * c) * c + i % c]);
                    tolerance[i] = U * Math.abs(want[i]);
                }
                ExactMemory.near(pair + " per image " + pixels + "x" + c, want, memory.read(y), tolerance);
                memory.forget();
            }
        }
    }

    /** As sum_pixels, whose loops it shares. */
    @Test
    void sumPixelProducts() {
        int images = 3;
        for (int c : CHANNELS) {
            int width = GroupNormCut.width(c, Float.BYTES);
            for (int pixels : PIXELS) {
                float[] u = normals(images * pixels * c, random);
                float[] v = normals(images * pixels * c, random);
                Cells d = memory.result(Storage.F32, 0, images * c);
                int perBlock = Math.min(3, c / width);
                int blocks = (c / width + perBlock - 1) / perBlock;
                Launch launch = memory.kernel("sum_pixel_products", Storage.F32)
                        .blocks(blocks, 2)
                        .threads(256);
                d.arg(memory.floats(v).arg(memory.floats(u).arg(launch)))
                        .arg(images)
                        .arg(pixels)
                        .arg(c)
                        .arg(perBlock)
                        .arg(width)
                        .run();
                double[] want = new double[images * c];
                double[] size = new double[want.length];
                for (int i = 0; i < u.length; i++) {
                    want[i / (pixels * c) * c + i % c] += (double) u[i] * v[i];
                    size[i / (pixels * c) * c + i % c] += (pixels + 1) * U * Math.abs((double) u[i] * v[i]);
                }
                ExactMemory.near("sum_pixel_products " + pixels + "x" + c, want, memory.read(d), size);
                memory.forget();
            }
        }
    }

    /** The result over its input, or at addresses that only single elements fit. */
    @Test
    void modulate() {
        int images = 3;
        for (int c : CHANNELS) {
            for (int pixels : PIXELS) {
                float[] x = normals(images * pixels * c, random);
                float[] e = normals(images * 2 * c, random);
                Cells in = memory.floats(x);
                Cells y = pixels == 9 ? in : memory.result(Storage.F32, pixels % 2, x.length);
                Launch launch = memory.kernel("modulate", Storage.F32)
                        .blocks(1 + pixels % 2, 2)
                        .threads(256);
                y.arg(memory.floats(e).arg(in.arg(launch)))
                        .arg(images)
                        .arg(pixels)
                        .arg(c)
                        .run();
                double[] want = new double[x.length];
                double[] tolerance = new double[x.length];
                for (int i = 0; i < x.length; i++) {
                    int scale = i / (pixels * c) * 2 * c + i % c;
                    want[i] = x[i] * (1 + (double) e[scale]) + e[scale + c];
                    tolerance[i] = 3 * U * (Math.abs(x[i]) * (1 + Math.abs(e[scale])) + Math.abs(e[scale + c]));
                }
                ExactMemory.near("modulate " + pixels + "x" + c, want, memory.read(y), tolerance);
                memory.forget();
            }
        }
    }

    @Test
    void modulateBackward() {
        for (int c : CHANNELS) {
            int widest = GroupNormCut.width(c, Float.BYTES);
            for (int pixels : PIXELS) {
                for (int width = 1; width <= widest; width *= 2) {
                    for (int perBlock : new int[] {1, 3, 256}) {
                        if (c / width > 32 * perBlock) {
                            continue; // blocks for nothing new
                        }
                        modulateBackward(pixels, c, width, Math.min(perBlock, c / width));
                    }
                }
            }
        }
    }

    private void modulateBackward(int pixels, int c, int width, int packsPerBlock) {
        int images = 3;
        float[] x = normals(images * pixels * c, random);
        float[] e = normals(images * 2 * c, random);
        float[] dy = normals(x.length, random);
        double[] dx = new double[x.length];
        double[] dxSize = new double[x.length];
        double[] de = new double[e.length];
        double[] deSize = new double[e.length];
        for (int i = 0; i < x.length; i++) {
            int scale = i / (pixels * c) * 2 * c + i % c;
            dx[i] = dy[i] * (1 + (double) e[scale]);
            dxSize[i] = 2 * U * Math.abs(dy[i]) * (1 + Math.abs(e[scale]));
            de[scale] += (double) dy[i] * x[i];
            deSize[scale] += (pixels + 1) * U * Math.abs((double) dy[i] * x[i]);
            de[scale + c] += dy[i];
            deSize[scale + c] += pixels * U * Math.abs(dy[i]);
        }
        Cells upper = memory.floats(dy);
        Cells lower = pixels == 9 ? upper : memory.result(Storage.F32, 0, x.length);
        Cells sums = memory.result(Storage.F32, 0, e.length);
        int blocks = (c / width + packsPerBlock - 1) / packsPerBlock;
        Launch launch = memory.kernel("modulate_backward", Storage.F32)
                .blocks(blocks, 2)
                .threads(256);
        sums.arg(lower.arg(upper.arg(memory.floats(e).arg(memory.floats(x).arg(launch)))))
                .arg(images)
                .arg(pixels)
                .arg(c)
                .arg(packsPerBlock)
                .arg(width)
                .run();
        String what = "modulate_backward " + pixels + "x" + c + " width " + width + " of " + packsPerBlock;
        ExactMemory.near(what + ", dx", dx, memory.read(lower), dxSize);
        ExactMemory.near(what + ", de", de, memory.read(sums), deSize);
        memory.forget();
    }
}
