package ddpm.engine.backend;

import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.disk.MappedFile;
import ddpm.engine.random.Normals;
import ddpm.engine.random.Permutation;
import ddpm.engine.random.Philox;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.NoiseTable;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** Forward noising: the fused batch and q_sample. The way back is in {@link ReverseStepTest}. */
class DiffusionOpsTest {
    private static final long SEED = OpCheck.SEED;
    private static final int T = 1000;
    private static final float[] TABLE = NoiseTable.random(T);
    private static final float[] LINEAR = NoiseTable.linear(T);

    // ---- noise-add ----

    private record Batch(float[] xt, float[] target, float[] time, float[] weight, int[] row) {}

    private static BatchNumbers at(int epoch, int position, int step) {
        return new BatchNumbers(epoch, position, step, 0);
    }

    private static NoiseAdd geometry(Nhwc batch, int images, boolean flip, boolean stratified) {
        return part(batch, images, flip, stratified, batch.n());
    }

    private static NoiseAdd part(Nhwc batch, int images, boolean flip, boolean stratified, long whole) {
        return new NoiseAdd(
                batch, images, SEED, flip, stratified, T, whole, NoiseTable.NOISE, NoiseTable.TIMES, NoiseTable.FLIPS);
    }

    private static float signal(int row) {
        return entry(LINEAR, row, NoiseAdd.SIGNAL);
    }

    private static float noise(int row) {
        return entry(LINEAR, row, NoiseAdd.NOISE);
    }

    /** Grey and colour, flipped or not, stratified or not, a whole batch and the rest of an epoch. */
    @OnEachDevice
    void noiseAdd(Device device) {
        int images = 37;
        for (Nhwc image : List.of(new Nhwc(1, 5, 6, 1), new Nhwc(1, 4, 7, 3), new Nhwc(1, 1, 1, 1))) {
            byte[] bytes = new byte[(int) (images * image.count())];
            new Random(SEED).nextBytes(bytes);
            for (boolean flip : new boolean[] {false, true}) {
                for (boolean stratified : new boolean[] {false, true}) {
                    for (int[] part : new int[][] {{16, 0}, {16, 16}, {5, 32}, {1, 36}}) { // rows, position
                        Nhwc batch = new Nhwc(part[0], image.h(), image.w(), image.c());
                        NoiseAdd g = geometry(batch, images, flip, stratified);
                        check(device, g, at(3, part[1], 77), bytes);
                    }
                }
            }
        }
    }

    /** Three parts of a batch, of which the middle one is checked against the formula too. */
    @OnEachDevice
    void partsOfABatchGiveTheWholeBatch(Device device) {
        byte[] images = new byte[20 * 3 * 4 * 3];
        new Random(SEED).nextBytes(images);
        Nhwc one = new Nhwc(1, 3, 4, 3);
        for (boolean stratified : new boolean[] {false, true}) {
            Batch want = noiseAdd(device, part(one.withN(11), 20, true, stratified, 11), at(3, 7, 77), images, TABLE);
            int from = 0;
            for (int rows : new int[] {4, 5, 2}) {
                NoiseAdd g = part(one.withN(rows), 20, true, stratified, 11);
                BatchNumbers now = new BatchNumbers(3, 7 + from, 77, from);
                check(device, g, now, images);
                Batch got = noiseAdd(device, g, now, images, TABLE);
                assertArrayEquals(slice(want.xt(), 36 * from, 36 * rows), got.xt());
                assertArrayEquals(slice(want.target(), 36 * from, 36 * rows), got.target());
                assertArrayEquals(slice(want.time(), from, rows), got.time());
                assertArrayEquals(slice(want.weight(), from, rows), got.weight());
                assertArrayEquals(Arrays.copyOfRange(want.row(), from, from + rows), got.row());
                from += rows;
            }
        }
    }

    private static float[] slice(float[] values, int from, int count) {
        return Arrays.copyOfRange(values, from, from + count);
    }

    /** With factors 0 and 1 the target is eps, with 1 and 0 it is x_0: the draws of one batch, seen three ways. */
    @OnEachDevice
    void factorsOfZeroAndOneAreExact(Device device) {
        byte[] images = new byte[9 * 7];
        new Random(SEED).nextBytes(images);
        NoiseAdd g = geometry(new Nhwc(4, 1, 7, 1), 9, false, false);
        float[] table = LINEAR.clone();
        Batch eps = noiseAdd(device, g, at(0, 0, 5), images, table);
        float[] want = new float[28];
        for (int i = 0; i < 4; i++) {
            Normals.fill(SEED, NoiseTable.NOISE, i, 5, want, 7 * i, 7);
        }
        assertArrayEquals(want, eps.target());
        for (int t = 0; t < T; t++) {
            table[t * NoiseAdd.COLUMNS + NoiseAdd.TARGET_X0] = 1;
            table[t * NoiseAdd.COLUMNS + NoiseAdd.TARGET_EPS] = 0;
        }
        Batch x0 = noiseAdd(device, g, at(0, 0, 5), images, table);
        Permutation order = new Permutation(9, SEED, 0);
        for (int k = 0; k < 28; k++) {
            assertEquals((images[order.at(k / 7) * 7 + k % 7] & 0xFF) / 127.5f - 1f, x0.target()[k]);
        }
    }

    /** Images that lie in a file, where the device reads them there. */
    @OnEachDevice
    void imagesOfAFileGiveTheSameBits(Device device, @TempDir Path folder) throws IOException {
        Nhwc batch = new Nhwc(5, 3, 4, 3);
        byte[] images = new byte[20 * 3 * 4 * 3];
        new Random(SEED).nextBytes(images);
        Path file = Files.write(folder.resolve("images"), images);
        NoiseAdd g = geometry(batch, 20, true, true);
        Batch want = noiseAdd(device, g, at(3, 7, 77), images, TABLE);
        Optional<Batch> got = lent(device, g, at(3, 7, 77), MappedFile.open(file, 0, images.length));
        assertEquals(device == Devices.cpu(), got.isPresent());
        got.ifPresent(b -> assertArrayEquals(want.xt(), b.xt()));
    }

    private static Optional<Batch> lent(Device device, NoiseAdd g, BatchNumbers now, MappedFile file) {
        try (Scope scope = Scope.on(device.backend())) {
            Shape all =
                    Shape.of(g.images(), g.batch().h(), g.batch().w(), g.batch().c());
            return scope.lent(all, file).map(data -> noiseAdd(scope, g, now, data, TABLE));
        }
    }

    /** A row gives way to its alias where 24 further bits of its draw are below its number; all that is said of it is the alias's. */
    @OnEachDevice
    void rowsWithUnequalShares(Device device) {
        int n = 3000;
        float[] table = NoiseTable.unequal(T);
        byte[] images = new byte[n];
        for (boolean stratified : new boolean[] {false, true}) {
            NoiseAdd g = geometry(new Nhwc(n, 1, 1, 1), n, false, stratified);
            Batch got = noiseAdd(device, g, at(0, 0, 9), images, table);
            int moved = 0;
            for (int i = 0; i < n; i++) {
                int first = row(g, 9, i);
                int[] words = new int[4];
                Philox.block(SEED, NoiseTable.TIMES, i, 9, 0, words);
                double share = entry(table, first, NoiseAdd.ELSEWHERE);
                boolean elsewhere = (words[1] >>> 8) * 0x1p-24 < share;
                int want = elsewhere ? (int) entry(table, first, NoiseAdd.ALIAS) : first;
                assertEquals(want, got.row()[i], "row of the table for row " + i);
                assertEquals(entry(table, want, NoiseAdd.TIME), got.time()[i], "time of row " + i);
                assertEquals(entry(table, want, NoiseAdd.WEIGHT), got.weight()[i], "weight of row " + i);
                moved += elsewhere ? 1 : 0;
            }
            double expected = n * (0 + 1 / 3.0 + 0.5 + 1) / 4; // of T, a multiple of 4 or not, within five deviations
            assertEquals(expected, moved, 5 * Math.sqrt(n) / 2 + n * 2.0 / T, "draws that went elsewhere");
        }
    }

    private static void check(Device device, NoiseAdd g, BatchNumbers now, byte[] images) {
        Batch got = noiseAdd(device, g, now, images, TABLE);
        int length = (int) (g.batch().pixels() * g.batch().c());
        Permutation order = new Permutation(g.images(), g.seed(), now.epoch());
        for (int i = 0; i < g.batch().n(); i++) {
            int whole = now.firstRow() + i;
            float[] eps = new float[length];
            Normals.fill(g.seed(), g.noise(), whole, now.step(), eps, 0, length);
            int t = row(g, now.step(), whole);
            assertEquals(t, got.row()[i], "row of the table for row " + i);
            assertEquals(entry(TABLE, t, NoiseAdd.TIME), got.time()[i], "time of row " + i);
            assertEquals(entry(TABLE, t, NoiseAdd.WEIGHT), got.weight()[i], "weight of row " + i);
            boolean flip = g.flip() && Philox.word(g.seed(), g.flips(), whole, now.step()) % 2 == 1;
            for (int k = 0; k < length; k++) {
                int at = order.at(now.position() + i) * length + (flip ? mirrored(g.batch(), k) : k);
                double x0 = (images[at] & 0xFF) / 127.5 - 1;
                String where = " of row " + i + " [" + k + "] " + g;
                near(t, NoiseAdd.SIGNAL, x0, eps[k], got.xt()[i * length + k], "x_t" + where);
                near(t, NoiseAdd.TARGET_X0, x0, eps[k], got.target()[i * length + k], "target" + where);
            }
        }
    }

    /** x0 = v/127.5 - 1 rounds at size 2, the two products and their sum at their own. @param column of x_0's factor */
    private static void near(int row, int column, double x0, double eps, float got, String what) {
        double ofX0 = entry(TABLE, row, column);
        double ofEps = entry(TABLE, row, column + 1) * eps;
        assertEquals(ofX0 * x0 + ofEps, got, U * (3 + 2 * Math.abs(ofEps)), what);
    }

    private static float entry(float[] table, int row, int column) {
        return table[row * NoiseAdd.COLUMNS + column];
    }

    private static int mirrored(Nhwc g, int k) {
        int c = (int) g.c();
        int w = (int) g.w();
        int column = k / c % w;
        return k + (w - 1 - 2 * column) * c;
    }

    /** floor(T u), u = bits / 2^32; stratified: floor(T (i + u) / whole). */
    private static int row(NoiseAdd g, int step, int i) {
        double u = Philox.word(g.seed(), g.times(), i, step) * 0x1p-32;
        return (int) (g.rows() * (g.stratified() ? (i + u) / g.whole() : u));
    }

    private static Batch noiseAdd(Device device, NoiseAdd g, BatchNumbers now, byte[] images, float[] table) {
        try (Scope scope = guarded(device)) {
            Shape one =
                    Shape.of(g.images(), g.batch().h(), g.batch().w(), g.batch().c());
            return noiseAdd(scope, g, now, scope.tensor(one, images), table);
        }
    }

    private static Batch noiseAdd(Scope scope, NoiseAdd g, BatchNumbers now, Tensor data, float[] table) {
        Tensor xt = scope.empty(Shape.of(g.batch()));
        Tensor target = scope.empty(Shape.of(g.batch()));
        Tensor time = scope.empty(Shape.of(g.batch().n()));
        Tensor weight = scope.empty(Shape.of(g.batch().n()));
        Tensor row = scope.allocate(Shape.of(g.batch().n()), DType.I32, false);
        scope.backend()
                .diffusion()
                .noiseAdd(
                        g,
                        numbers(scope, now.toWords()).buffer(),
                        data.buffer(),
                        table(scope, table),
                        xt.buffer(),
                        target.buffer(),
                        time.buffer(),
                        weight.buffer(),
                        row.buffer());
        return new Batch(xt.toFloats(), target.toFloats(), time.toFloats(), weight.toFloats(), row.toInts());
    }

    private static Buffer table(Scope scope, float[] table) {
        return scope.tensor(Shape.of(table.length / NoiseAdd.COLUMNS, NoiseAdd.COLUMNS), table)
                .buffer();
    }

    /** One t in each stratum; without strata all of 0 .. T-1 occurs, evenly; half of the images flip. */
    @OnEachDevice
    void drawsOfNoiseAdd(Device device) {
        int n = 4000;
        byte[] images = new byte[2 * n];
        for (int i = 0; i < n; i++) {
            images[2 * i] = (byte) 255; // left white, right black: a flip shows in the sign
        }
        Nhwc batch = new Nhwc(n, 1, 2, 1);
        Batch stratified = noiseAdd(device, geometry(batch, n, true, true), at(0, 0, 1), images, LINEAR);
        for (int i = 0; i < n; i++) {
            assertEquals(i * T / n, stratified.row()[i], "stratum of row " + i);
        }
        int flips = 0;
        for (int i = 0; i < n; i++) {
            float left = stratified.xt()[2 * i]
                    - noise(stratified.row()[i]) * stratified.target()[2 * i];
            flips += left < 0 ? 1 : 0;
        }
        assertEquals(n / 2.0, flips, 5 * Math.sqrt(n / 4.0));

        int[] t = noiseAdd(device, geometry(batch, n, false, false), at(0, 0, 1), images, LINEAR)
                .row();
        assertTrue(Arrays.stream(t).allMatch(v -> v >= 0 && v < T));
        double mean = Arrays.stream(t).average().orElseThrow();
        assertEquals((T - 1) / 2.0, mean, 5 * T / Math.sqrt(12.0 * n));
        assertTrue(Arrays.stream(t).min().orElseThrow() < 5
                && Arrays.stream(t).max().orElseThrow() >= T - 5);
    }

    /** Every image once in an epoch, the last batch being smaller; another epoch has another order. */
    @OnEachDevice
    void epoch(Device device) {
        int images = 23;
        byte[] bytes = new byte[images];
        for (int i = 0; i < images; i++) {
            bytes[i] = (byte) (i * 11);
        }
        int[] first = order(device, images, bytes, 0);
        int[] second = order(device, images, bytes, 1);
        int[] sorted = first.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < images; i++) {
            assertEquals(i, sorted[i]);
        }
        assertTrue(!Arrays.equals(first, second));
    }

    /** Recovers which image each row took, in batches of 8, 8 and 7. */
    private static int[] order(Device device, int images, byte[] bytes, int epoch) {
        int[] order = new int[images];
        for (int position = 0; position < images; position += 8) {
            int rows = Math.min(8, images - position);
            Batch b = noiseAdd(
                    device,
                    geometry(new Nhwc(rows, 1, 1, 1), images, false, false),
                    at(epoch, position, position),
                    bytes,
                    LINEAR);
            for (int i = 0; i < rows; i++) {
                double x0 = (b.xt()[i] - noise(b.row()[i]) * b.target()[i]) / signal(b.row()[i]);
                order[position + i] = (int) Math.round((x0 + 1) * 127.5 / 11);
            }
        }
        return order;
    }

    // ---- q_sample ----

    @OnEachDevice
    void qSample(Device device) {
        Random random = new Random(SEED);
        for (Nhwc g : List.of(new Nhwc(1, 1, 1, 4), new Nhwc(2, 3, 5, 6), new Nhwc(5, 28, 27, 3))) {
            float[] x0 = gaussians(random, g.count());
            float[] eps = gaussians(random, g.count());
            int[] t = new int[(int) g.n()];
            Arrays.setAll(t, i -> i == 0 ? T - 1 : random.nextInt(T));
            try (Scope scope = guarded(device)) {
                Tensor xt = scope.empty(Shape.of(g));
                scope.backend()
                        .diffusion()
                        .qSample(
                                g,
                                scope.tensor(Shape.of(g), x0).buffer(),
                                scope.tensor(Shape.of(g.n()), t).buffer(),
                                scope.tensor(Shape.of(g), eps).buffer(),
                                table(scope, TABLE),
                                xt.buffer());
                float[] got = xt.toFloats();
                for (int i = 0; i < got.length; i++) {
                    int step = t[(int) (i / g.pixels() / g.c())];
                    double a = (double) entry(TABLE, step, NoiseAdd.SIGNAL) * x0[i];
                    double s = (double) entry(TABLE, step, NoiseAdd.NOISE) * eps[i];
                    assertEquals(a + s, got[i], 2 * U * (Math.abs(a) + Math.abs(s)), "element " + i);
                }
            }
        }
    }

    private static Tensor numbers(Scope scope, int[] words) {
        return scope.tensor(Shape.of(words.length), words);
    }

    private static Scope guarded(Device device) {
        return Scope.on(new Guarded(device.backend()));
    }

    private static float[] gaussians(Random random, long count) {
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
