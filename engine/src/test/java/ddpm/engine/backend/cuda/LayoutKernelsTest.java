package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ddpm.engine.backend.LayoutOps.Squares;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.testing.TransformerReference;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Concatenating, cutting, padding, cropping, stacking and doubling move every value unchanged to its place. */
@Tag("cuda")
@Tag("kernels")
class LayoutKernelsTest {
    /** Channels of packs of every width: 1, 2, 4 and 8; more packs than a block has threads; unequal parts. */
    private static final int[][] PARTS = {{1, 1}, {3, 5}, {2, 6}, {4, 4}, {12, 4}, {8, 16}, {5, 300}, {257, 2}, {32, 24}
    };

    private static final int[] PIXELS = {1, 2, 37};

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

    @ParameterizedTest
    @EnumSource(Storage.class)
    void concatChannels(Storage storage) {
        for (int[] part : PARTS) {
            for (int pixels : PIXELS) {
                int ca = part[0];
                int cb = part[1];
                int offset = pixels == 2 ? 1 : 0; // then no pack is aligned
                float[] a = storage.stored(normals(pixels * ca, random));
                float[] b = storage.stored(normals(pixels * cb, random));
                Cells y = memory.result(storage, 0, a.length + b.length);
                Launch launch = memory.kernel("concat_channels", storage)
                        .blocks(1 + pixels % 3)
                        .threads(256);
                y.arg(memory.upload(storage, 0, b)
                                .arg(memory.upload(storage, offset, a).arg(launch)))
                        .arg((long) pixels)
                        .arg(ca)
                        .arg(cb)
                        .run();
                float[] want = new float[a.length + b.length];
                for (int p = 0; p < pixels; p++) {
                    System.arraycopy(a, p * ca, want, p * (ca + cb), ca);
                    System.arraycopy(b, p * cb, want, p * (ca + cb) + ca, cb);
                }
                assertArrayEquals(want, memory.read(y), "concat" + storage.suffix + " " + ca + "+" + cb);
                memory.forget();
            }
        }
    }

    /** The first and the last channels of each pixel, and a run between them; the rest of the gradient is zero. */
    @ParameterizedTest
    @EnumSource(Storage.class)
    void sliceChannels(Storage storage) {
        for (int[] part : PARTS) {
            for (int pixels : PIXELS) {
                slice(storage, pixels, part[0] + part[1], 0, part[0]);
                slice(storage, pixels, part[0] + part[1], part[0], part[1]);
                slice(storage, pixels, 2 * part[0] + part[1], part[0], part[1]);
            }
        }
    }

    private void slice(Storage storage, int pixels, int cx, int from, int cy) {
        float[] x = storage.stored(normals(pixels * cx, random));
        float[] y = new float[pixels * cy];
        float[] dx = new float[x.length];
        for (int p = 0; p < pixels; p++) {
            System.arraycopy(x, p * cx + from, y, p * cy, cy);
            System.arraycopy(x, p * cx + from, dx, p * cx + from, cy);
        }
        int offset = pixels == 2 ? 1 : 0;
        String what = storage.suffix + " " + from + ".." + (from + cy) + " of " + cx;
        Cells cut = memory.result(storage, offset, y.length);
        sliced("slice_channels", memory.upload(storage, 0, x), cut, pixels, cx, from, cy);
        assertArrayEquals(y, memory.read(cut), "slice" + what);
        Cells back = memory.result(storage, offset, x.length);
        sliced("slice_channels_backward", memory.upload(storage, 0, y), back, pixels, cx, from, cy);
        assertArrayEquals(dx, memory.read(back), "slice backward" + what);
        memory.forget();
    }

    private static void sliced(String name, Cells in, Cells out, int pixels, int cx, int from, int cy) {
        Launch launch = memory.kernel(name, in.storage())
                .blocks(1 + pixels % 3, 1 + cy % 2)
                .threads(256);
        out.arg(in.arg(launch)).arg((long) pixels).arg(cx).arg(from).arg(cy).run();
    }

    /** Zeros on every side, on none, on one only; and all of that taken away again; fewer blocks than images. */
    @ParameterizedTest
    @EnumSource(Storage.class)
    void pad(Storage storage) {
        int[][] sides = {{0, 0, 0, 0}, {1, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 3}, {2, 1, 3, 1}};
        for (int c : new int[] {1, 2, 3, 4, 8, 12, 257, 300}) {
            for (int[] side : sides) {
                pad(storage, 3, 1, 1, c, side);
                pad(storage, 3, 4, 5, c, side);
            }
        }
    }

    /** @param side zeros at the top, at the bottom, left, right */
    private void pad(Storage storage, int images, int h, int w, int c, int[] side) {
        int hy = h + side[0] + side[1];
        int wy = w + side[2] + side[3];
        float[] x = storage.stored(normals(images * h * w * c, random));
        float[] want = new float[images * hy * wy * c];
        for (int row = 0; row < images * h; row++) {
            int to = row / h * hy + row % h + side[0];
            System.arraycopy(x, row * w * c, want, (to * wy + side[2]) * c, w * c);
        }
        String what = storage.suffix + " " + h + "x" + w + "x" + c + " to " + hy + "x" + wy;
        int offset = c == 8 ? 1 : 0;
        Cells y = memory.result(storage, offset, want.length);
        shifted(memory.upload(storage, 0, x), y, images, new int[] {h, w, hy, wy, side[0], side[2], c});
        assertArrayEquals(want, memory.read(y), "pad" + what);
        Cells back = memory.result(storage, 0, x.length);
        shifted(y, back, images, new int[] {hy, wy, h, w, -side[0], -side[2], c});
        assertArrayEquals(x, memory.read(back), "crop" + what);
        memory.forget();
    }

    /** Whole tiles, tiles cut off on either side, and none of both; fewer blocks than tiles and matrices. */
    @Test
    void transpose() {
        for (int rows : new int[] {1, 31, 32, 33, 70}) {
            for (int columns : new int[] {1, 32, 65}) {
                int batch = 3;
                float[] x = normals(batch * rows * columns, random);
                float[] want = new float[x.length];
                for (int i = 0; i < x.length; i++) {
                    int matrix = i / (rows * columns);
                    want[(matrix * columns + i % columns) * rows + i / columns % rows] = x[i];
                }
                Cells y = memory.result(Storage.F32, 1, x.length);
                Launch launch =
                        memory.kernel("transpose", Storage.F32).blocks(2, 2).threads(256);
                y.arg(memory.floats(x).arg(launch))
                        .arg(batch)
                        .arg(rows)
                        .arg(columns)
                        .run();
                assertArrayEquals(want, memory.read(y), "transpose " + rows + "x" + columns);
                memory.forget();
            }
        }
    }

    /** Elements that packs of four divide and others, so that the second and the third part lie on any address. */
    @Test
    void stack() {
        for (int n : new int[] {1, 4, 5, 1024, 1027, 4100}) {
            float[][] parts = {normals(n, random), normals(n, random), normals(n, random)};
            float[] want = new float[3 * n];
            for (int i = 0; i < 3; i++) {
                System.arraycopy(parts[i], 0, want, i * n, n);
            }
            int offset = n == 1024 ? 1 : 0;
            Cells y = memory.result(Storage.F32, offset, 3 * n);
            Launch launch =
                    memory.kernel("stack", Storage.F32).blocks(1 + n % 2).threads(256);
            for (float[] part : parts) {
                memory.upload(Storage.F32, 0, part).arg(launch);
            }
            y.arg(launch).arg((long) n).run();
            assertArrayEquals(want, memory.read(y), "stack of " + n);
            Launch back =
                    memory.kernel("unstack", Storage.F32).blocks(1 + n % 2).threads(256);
            y.arg(back);
            Cells[] own = new Cells[3];
            for (int i = 0; i < 3; i++) {
                own[i] = memory.result(Storage.F32, i % 2, n);
                own[i].arg(back);
            }
            back.arg((long) n).run();
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(parts[i], memory.read(own[i]), "unstack of " + n + ", part " + i);
            }
            memory.forget();
        }
    }

    /** Squares of one pixel, lines of odd lengths; fewer threads than elements. */
    @Test
    void squares() {
        for (int[] g : new int[][] {{1, 1, 1, 1, 1}, {2, 2, 3, 2, 3}, {3, 7, 7, 4, 1}, {1, 3, 2, 3, 5}}) {
            Nhwc image = new Nhwc(g[0], (long) g[1] * g[3], (long) g[2] * g[3], g[4]);
            float[] x = normals((int) image.count(), random);
            double[] wide = new double[x.length];
            Arrays.setAll(wide, i -> x[i]);
            double[] moved = TransformerReference.depthToSpace(new Squares(image, g[3]), wide);
            float[] want = new float[x.length];
            for (int i = 0; i < want.length; i++) {
                want[i] = (float) moved[i];
            }
            Cells y = memory.result(Storage.F32, 1, x.length);
            squares("depth_to_space", memory.floats(x), y, image, g[3]);
            assertArrayEquals(want, memory.read(y), "depth_to_space of " + image);
            Cells back = memory.result(Storage.F32, 0, x.length);
            squares("space_to_depth", y, back, image, g[3]);
            assertArrayEquals(x, memory.read(back), "space_to_depth of " + image);
            memory.forget();
        }
    }

    private static void squares(String kernel, Cells in, Cells out, Nhwc image, int side) {
        Launch launch = memory.kernel(kernel, Storage.F32).blocks(1).threads(64);
        out.arg(in.arg(launch))
                .arg(image.count())
                .arg((int) image.w())
                .arg((int) image.c())
                .arg(side)
                .run();
    }

    /** Packs of every width, more of them than a block has threads; fewer blocks than images and pixels. */
    @Test
    void upsample() {
        for (int c : new int[] {1, 2, 3, 4, 8, 12, 257, 300}) {
            for (int[] size : new int[][] {{1, 1}, {2, 3}, {5, 4}}) {
                upsample(3, size[0], size[1], c);
            }
        }
    }

    private void upsample(int images, int h, int w, int c) {
        float[] x = normals(images * h * w * c, random);
        float[] want = new float[4 * x.length];
        float[] dy = normals(want.length, random);
        float[] dx = new float[x.length];
        for (int i = 0; i < want.length; i++) {
            want[i] = x[small(i, w, c)];
        }
        for (int i = 0; i < dx.length; i++) {
            int pixel = i / c;
            int at = (pixel / w * 4 * w + pixel % w * 2) * c + i % c; // of the upper left one
            int below = at + 2 * w * c;
            dx[i] = (dy[at] + dy[at + c]) + (dy[below] + dy[below + c]);
        }
        int offset = c == 8 ? 1 : 0;
        String what = h + "x" + w + "x" + c;
        Cells y = memory.result(Storage.F32, offset, want.length);
        doubled("upsample", memory.upload(Storage.F32, 0, x), y, images, h, w, c);
        assertArrayEquals(want, memory.read(y), "upsample " + what);
        Cells gradient = memory.result(Storage.F32, offset, dx.length);
        doubled("upsample_backward", memory.upload(Storage.F32, 0, dy), gradient, images, h, w, c);
        assertArrayEquals(dx, memory.read(gradient), "upsample_backward " + what);
        memory.forget();
    }

    /** Which element of x is element i of y, images of w columns of c channels one below the other. */
    private static int small(int i, int w, int c) {
        int pixel = i / c;
        return (pixel / (2 * w) / 2 * w + pixel % (2 * w) / 2) * c + i % c;
    }

    private static void doubled(String name, Cells in, Cells out, int images, int h, int w, int c) {
        Launch launch = memory.kernel(name, Storage.F32).blocks(2, 2).threads(256);
        out.arg(in.arg(launch)).arg(images).arg(h).arg(w).arg(c).run();
    }

    private static void shifted(Cells x, Cells y, int images, int[] extents) {
        Launch launch = memory.kernel("pad", x.storage()).blocks(2, 2).threads(256);
        y.arg(x.arg(launch)).arg(images);
        for (int extent : extents) {
            launch.arg(extent);
        }
        launch.run();
    }
}
