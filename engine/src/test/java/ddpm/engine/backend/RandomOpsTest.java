package ddpm.engine.backend;

import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.io.MappedFile;
import ddpm.engine.random.Normals;
import ddpm.engine.random.Permutation;
import ddpm.engine.random.Philox;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.Guarded;
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

class RandomOpsTest {
    private static final long SEED = OpCheck.SEED;
    private static final int T = 1000;
    private static final float[] A = new float[T]; // sqrt(alphas_cumprod), linear schedule of Ho et al. 2020
    private static final float[] S = new float[T]; // sqrt(1 - alphas_cumprod)

    static {
        double product = 1;
        for (int t = 0; t < T; t++) {
            product *= 1 - (1e-4 + (0.02 - 1e-4) * t / (T - 1));
            A[t] = (float) Math.sqrt(product);
            S[t] = (float) Math.sqrt(1 - product);
        }
    }

    // ---- normals ----

    /** The same bits as the definition, whatever the split into calls. */
    @OnEachDevice
    void normal(Device device) {
        for (int columns : new int[] {1, 3, 4, 784, 3073}) {
            float[] want = new float[7 * columns];
            for (int i = 0; i < 7; i++) {
                Normals.fill(SEED, Stream.REVERSE, 40 + i, 9, want, i * columns, columns);
            }
            assertArrayEquals(want, normal(device, 40, 7, columns));
            float[] split = new float[want.length];
            for (int[] part : new int[][] {{0, 2}, {2, 1}, {3, 4}}) {
                float[] rows = normal(device, 40 + part[0], part[1], columns);
                System.arraycopy(rows, 0, split, part[0] * columns, rows.length);
            }
            assertArrayEquals(want, split);
        }
    }

    private static float[] normal(Device device, long firstRow, long rows, long columns) {
        try (Scope scope = guarded(device)) {
            Tensor y = scope.empty(Shape.of(rows, columns));
            scope.backend().random().normal(SEED, Stream.REVERSE, firstRow, 9, rows, columns, y.buffer());
            return y.toFloats();
        }
    }

    // ---- noise-add ----

    private record Batch(float[] xt, float[] eps, int[] t) {}

    private static StepNumbers at(int epoch, int position, int step) {
        return new StepNumbers(epoch, position, step, 0, 0, 0, 0, 0);
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
                        NoiseAdd g = new NoiseAdd(batch, images, SEED, flip, stratified, T);
                        check(device, g, at(3, part[1], 77), bytes);
                    }
                }
            }
        }
    }

    /** Images that lie in a file, where the device reads them there. */
    @OnEachDevice
    void imagesOfAFileGiveTheSameBits(Device device, @TempDir Path folder) throws IOException {
        Nhwc batch = new Nhwc(5, 3, 4, 3);
        byte[] images = new byte[20 * 3 * 4 * 3];
        new Random(SEED).nextBytes(images);
        Path file = Files.write(folder.resolve("images"), images);
        NoiseAdd g = new NoiseAdd(batch, 20, SEED, true, true, T);
        Batch want = noiseAdd(device, g, at(3, 7, 77), images);
        Optional<Batch> got = lent(device, g, at(3, 7, 77), MappedFile.open(file, 0, images.length));
        assertEquals(device == Devices.cpu(), got.isPresent());
        got.ifPresent(b -> assertArrayEquals(want.xt(), b.xt()));
    }

    private static Optional<Batch> lent(Device device, NoiseAdd g, StepNumbers now, MappedFile file) {
        try (Scope scope = Scope.on(device.backend())) {
            Shape all =
                    Shape.of(g.images(), g.batch().h(), g.batch().w(), g.batch().c());
            return scope.lent(all, file).map(data -> noiseAdd(scope, g, now, data));
        }
    }

    private static void check(Device device, NoiseAdd g, StepNumbers now, byte[] images) {
        Batch got = noiseAdd(device, g, now, images);
        int length = (int) (g.batch().pixels() * g.batch().c());
        Permutation order = new Permutation(g.images(), g.seed(), now.epoch());
        for (int i = 0; i < g.batch().n(); i++) {
            float[] eps = new float[length];
            Normals.fill(g.seed(), Stream.TRAINING_NOISE, i, now.step(), eps, 0, length);
            assertArrayEquals(eps, Arrays.copyOfRange(got.eps(), i * length, (i + 1) * length), "eps of row " + i);

            int t = timestep(g, now.step(), i);
            assertEquals(t, got.t()[i], "t of row " + i);
            boolean flip = g.flip() && Philox.word(g.seed(), Stream.FLIP, i, now.step()) % 2 == 1;
            for (int k = 0; k < length; k++) {
                int at = order.at(now.position() + i) * length + (flip ? mirrored(g.batch(), k) : k);
                double x0 = (images[at] & 0xFF) / 127.5 - 1;
                double want = A[t] * x0 + S[t] * eps[k];
                // x0 = v/127.5 - 1 rounds at size 2, the two products and their sum at their own
                double allowed = U * (3 + 2 * Math.abs(S[t] * eps[k]));
                assertEquals(want, got.xt()[i * length + k], allowed, "x_t of row " + i + " [" + k + "] " + g);
            }
        }
    }

    private static int mirrored(Nhwc g, int k) {
        int c = (int) g.c();
        int w = (int) g.w();
        int column = k / c % w;
        return k + (w - 1 - 2 * column) * c;
    }

    /** floor(T u), u = bits / 2^32; stratified: floor(T (i + u) / n). */
    private static int timestep(NoiseAdd g, int step, int i) {
        double u = Philox.word(g.seed(), Stream.TIMESTEP, i, step) * 0x1p-32;
        double n = g.batch().n();
        return (int) (g.timesteps() * (g.stratified() ? (i + u) / n : u));
    }

    private static Batch noiseAdd(Device device, NoiseAdd g, StepNumbers now, byte[] images) {
        try (Scope scope = guarded(device)) {
            Shape one =
                    Shape.of(g.images(), g.batch().h(), g.batch().w(), g.batch().c());
            return noiseAdd(scope, g, now, scope.tensor(one, images));
        }
    }

    private static Batch noiseAdd(Scope scope, NoiseAdd g, StepNumbers now, Tensor data) {
        Tensor xt = scope.empty(Shape.of(g.batch()));
        Tensor eps = scope.empty(Shape.of(g.batch()));
        Tensor t = scope.allocate(Shape.of(g.batch().n()), DType.I32, false);
        scope.backend()
                .random()
                .noiseAdd(
                        g,
                        numbers(scope, now.toWords()).buffer(),
                        data.buffer(),
                        scope.tensor(Shape.of(T), A).buffer(),
                        scope.tensor(Shape.of(T), S).buffer(),
                        xt.buffer(),
                        eps.buffer(),
                        t.buffer());
        return new Batch(xt.toFloats(), eps.toFloats(), t.toInts());
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
        Batch stratified = noiseAdd(device, new NoiseAdd(batch, n, SEED, true, true, T), at(0, 0, 1), images);
        for (int i = 0; i < n; i++) {
            assertEquals(i * T / n, stratified.t()[i], "stratum of row " + i);
        }
        int flips = 0;
        for (int i = 0; i < n; i++) {
            float left =
                    stratified.xt()[2 * i] - S[stratified.t()[i]] * stratified.eps()[2 * i];
            flips += left < 0 ? 1 : 0;
        }
        assertEquals(n / 2.0, flips, 5 * Math.sqrt(n / 4.0));

        int[] t = noiseAdd(device, new NoiseAdd(batch, n, SEED, false, false, T), at(0, 0, 1), images)
                .t();
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
                    new NoiseAdd(new Nhwc(rows, 1, 1, 1), images, SEED, false, false, 20),
                    at(epoch, position, position),
                    bytes);
            for (int i = 0; i < rows; i++) {
                double x0 = (b.xt()[i] - S[b.t()[i]] * b.eps()[i]) / A[b.t()[i]];
                order[position + i] = (int) Math.round((x0 + 1) * 127.5 / 11);
            }
        }
        return order;
    }

    // ---- q_sample and the reverse step ----

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
                        .random()
                        .qSample(
                                g,
                                scope.tensor(Shape.of(g), x0).buffer(),
                                scope.tensor(Shape.of(g.n()), t).buffer(),
                                scope.tensor(Shape.of(g), eps).buffer(),
                                scope.tensor(Shape.of(T), A).buffer(),
                                scope.tensor(Shape.of(T), S).buffer(),
                                xt.buffer());
                float[] got = xt.toFloats();
                for (int i = 0; i < got.length; i++) {
                    int step = t[(int) (i / g.pixels() / g.c())];
                    double a = (double) A[step] * x0[i];
                    double s = (double) S[step] * eps[i];
                    assertEquals(a + s, got[i], 2 * U * (Math.abs(a) + Math.abs(s)), "element " + i);
                }
            }
        }
    }

    /** With and without clipping, noise and a batch split; the coefficients are those of DDPM at t = 500. */
    @OnEachDevice
    void reverseStep(Device device) {
        Nhwc g = new Nhwc(5, 7, 6, 3);
        float[] xt = gaussians(new Random(SEED), g.count());
        float[] eps = gaussians(new Random(SEED + 1), g.count());
        for (boolean clip : new boolean[] {false, true}) {
            for (float sigma : new float[] {0, 0.09f}) {
                ReverseStep step = new ReverseStep(g, SEED, clip);
                ReverseNumbers now =
                        new ReverseNumbers(500, 1000, 1 / A[500], S[500] / A[500], 0.03f, 0.97f, -0.01f, sigma);
                float[][] got = reverse(device, step, now, xt, eps);
                checkReverse(step, now, xt, eps, got[0], got[1]);

                int part = (int) (2 * g.pixels() * g.c()); // images 2 .. 4 on their own
                ReverseStep rest = new ReverseStep(new Nhwc(3, g.h(), g.w(), g.c()), SEED, clip);
                ReverseNumbers third =
                        new ReverseNumbers(500, 1002, 1 / A[500], S[500] / A[500], 0.03f, 0.97f, -0.01f, sigma);
                float[][] again = reverse(device, rest, third, tail(xt, part), tail(eps, part));
                assertArrayEquals(tail(got[0], part), again[0]);
                assertArrayEquals(tail(got[1], part), again[1]);
            }
        }
    }

    private static float[][] reverse(Device device, ReverseStep g, ReverseNumbers now, float[] xt, float[] eps) {
        try (Scope scope = guarded(device)) {
            Tensor out = scope.empty(Shape.of(g.x()));
            Tensor x0 = scope.empty(Shape.of(g.x()));
            scope.backend()
                    .random()
                    .reverseStep(
                            g,
                            numbers(scope, now.toWords()).buffer(),
                            scope.tensor(Shape.of(g.x()), xt).buffer(),
                            scope.tensor(Shape.of(g.x()), eps).buffer(),
                            out.buffer(),
                            x0.buffer());
            return new float[][] {out.toFloats(), x0.toFloats()};
        }
    }

    private static void checkReverse(
            ReverseStep g, ReverseNumbers now, float[] xt, float[] eps, float[] out, float[] x0) {
        int length = (int) (g.x().pixels() * g.x().c());
        float[] z = new float[length];
        for (int i = 0; i < out.length; i++) {
            if (i % length == 0) {
                Normals.fill(g.seed(), Stream.REVERSE, now.firstImage() + i / length, now.t(), z, 0, length);
            }
            double x = (double) now.x0FromX() * xt[i];
            double e = (double) now.x0FromEps() * eps[i];
            double guess = g.clip() ? Math.max(-1, Math.min(1, x - e)) : x - e;
            double allowed = 2 * U * (Math.abs(x) + Math.abs(e));
            assertEquals(guess, x0[i], allowed, "x_0 " + i);
            double[] terms = {
                now.fromX0() * guess,
                (double) now.fromX() * xt[i],
                (double) now.fromEps() * eps[i],
                (double) now.sigma() * z[i % length]
            };
            double size = Arrays.stream(terms).map(Math::abs).sum();
            assertEquals(Arrays.stream(terms).sum(), out[i], 4 * U * size + now.fromX0() * allowed, "x_{t-1} " + i);
        }
    }

    private static Tensor numbers(Scope scope, int[] words) {
        return scope.tensor(Shape.of(words.length), words);
    }

    private static float[] tail(float[] values, int from) {
        return Arrays.copyOfRange(values, from, values.length);
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
