package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.Launch;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A vector for each image, added to its pixels, and the sum over pixels, on either storage; biases and casts. */
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

    /**
     * In bf16 a sum of two floats rounds once. Columns that divide neither the block nor the grid, in packs of four, two and
     * one; operands that begin one or two elements behind an address for packs.
     */
    @Test
    void addBias() {
        for (int columns : new int[] {1, 3, 11, 14, 32, 300}) {
            for (int rows : new int[] {1, 7, 64}) {
                for (int grid = 1; grid <= 3; grid += 2) {
                    addBias(rows, columns, grid, 0, 0);
                }
            }
        }
        addBias(7, 32, 1, 1, 0);
        addBias(7, 32, 1, 2, 0);
        addBias(7, 32, 1, 0, 1);
        addBias(7, 32, 1, 0, 2);
    }

    /** @param at first element of x and y @param biasAt of b */
    private void addBias(int rows, int columns, int grid, int at, int biasAt) {
        float[] x = LibraryFixture.toBf16(normals(rows * columns, random));
        float[] b = normals(columns, random);
        double[] want = new double[x.length];
        double[] tolerance = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            want[i] = (double) x[i] + b[i % columns];
            tolerance[i] = U * Math.abs(want[i]);
        }
        Cells bias = memory.upload(Storage.F32, biasAt, b);
        Cells y = memory.upload(Storage.F32, at, x);
        Launch inPlace = memory.kernels.get("add_bias").blocks(grid).threads(256);
        bias.arg(y.arg(inPlace)).arg((long) x.length).arg(columns).run();
        ExactMemory.near("add_bias " + rows + "x" + columns, want, memory.read(y), tolerance);
        Cells sum = memory.result(Storage.F32, at / 2, x.length); // aligned where only x is not, too
        Launch launch = memory.kernels.get("add_bias_bf16").blocks(grid).threads(256);
        sum.arg(bias.arg(memory.upload(Storage.BF16, at, x).arg(launch)))
                .arg((long) x.length)
                .arg(columns)
                .run();
        ExactMemory.near("add_bias_bf16 " + rows + "x" + columns, want, memory.read(sum), tolerance);
        memory.forget();
    }

    /** Parts that end within the rows and one that would end behind them; tiles of columns, the last not full. */
    @Test
    void sumRows() {
        for (int columns : new int[] {1, 2, 5, 32, 33, 70}) {
            for (int rows : new int[] {1, 8, 9, 100}) {
                for (int parts : new int[] {1, 3}) {
                    sumRows(rows, columns, Math.min(parts, rows));
                }
            }
        }
    }

    private void sumRows(int rows, int columns, int parts) {
        int perPart = (rows + parts - 1) / parts;
        float[] a = normals(rows * columns, random);
        double[] want = new double[parts * columns];
        double[] size = new double[want.length];
        for (int i = 0; i < a.length; i++) {
            int to = i / columns / perPart * columns + i % columns;
            want[to] += a[i];
            size[to] += perPart * U * Math.abs(a[i]);
        }
        int width = Math.min(32, Integer.highestOneBit(2 * columns - 1));
        Cells y = memory.result(Storage.F32, 0, want.length);
        Launch launch = memory.kernels
                .get("sum_rows")
                .blocks(parts, (columns + width - 1) / width)
                .threads(256);
        y.arg(memory.floats(a).arg(launch))
                .arg(rows)
                .arg(columns)
                .arg(perPart)
                .arg(width)
                .run();
        ExactMemory.near("sum_rows " + rows + "x" + columns + " in " + parts, want, memory.read(y), size);
        memory.forget();
    }

    @Test
    void casts() {
        for (int n : new int[] {1, 3, 4, 255, 256, 257, 1500, 4103}) {
            casts(n, 0, 0);
        }
        for (int at = 1; at < 4; at++) { // behind an address for packs: the one, the other, both
            casts(263, at, 0);
            casts(263, 0, at);
            casts(263, at, at);
        }
    }

    private void casts(int n, int from, int to) {
        double[] exact = new double[n];
        double[] want = new double[n];
        float[] x = normals(n, random);
        float[] nearest = LibraryFixture.toBf16(x);
        for (int i = 0; i < n; i++) {
            want[i] = nearest[i];
        }
        String what = " " + n + " from " + from + " to " + to;
        Cells half = memory.result(Storage.BF16, to, n);
        cast("cast_to_bf16", memory.upload(Storage.F32, from, x), half);
        ExactMemory.near("cast_to_bf16" + what, want, memory.read(half), exact);
        Cells back = memory.result(Storage.F32, from, n);
        cast("cast_from_bf16", half, back);
        ExactMemory.near("cast_from_bf16" + what, want, memory.read(back), exact);
        Cells rounded = memory.result(Storage.F32, to, n);
        cast("cast_round_bf16", memory.upload(Storage.F32, from, x), rounded);
        ExactMemory.near("cast_round_bf16" + what, want, memory.read(rounded), exact);
        memory.forget();
    }

    private static void cast(String name, Cells x, Cells y) {
        Launch launch = memory.kernels.get(name).blocks(2).threads(256);
        y.arg(x.arg(launch)).arg((long) x.count()).run();
    }
}
