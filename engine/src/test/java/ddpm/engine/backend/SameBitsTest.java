package ddpm.engine.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;

/**
 * Where the contract is bits, not tolerances: random numbers, the diffusion steps and the updates give on every device
 * what they give on the CPU.
 */
@Tag("kernels")
class SameBitsTest {
    private static final long SEED = 0xF00D_5EED_0BAD_CAFEL; // both halves of the key have their top bit set
    private static final int T = 50;

    /** Whole groups of four or not, one block of threads or several, one pixel. */
    private static final List<Nhwc> IMAGES = List.of(
            new Nhwc(1, 1, 1, 1),
            new Nhwc(1, 5, 3, 1),
            new Nhwc(1, 8, 8, 1),
            new Nhwc(1, 7, 9, 3),
            new Nhwc(1, 32, 32, 3),
            new Nhwc(1, 33, 31, 3));

    private static final int[] SLOT_SIZES = {1, 3, 4, 5, 1023, 4095, 4096, 4097, 8195};

    /** Runs the same on the CPU and the device and compares all results. */
    private static void check(Device device, String what, Function<Scope, List<Tensor>> run) {
        try (Backend cpu = new CpuBackend(Precision.FP32);
                Scope there = Scope.on(new Guarded(device.backend()));
                Scope here = Scope.on(new Guarded(cpu))) {
            List<Tensor> want = run.apply(here);
            List<Tensor> got = run.apply(there);
            for (int i = 0; i < want.size(); i++) {
                assertArrayEquals(bits(want.get(i)), bits(got.get(i)), what + ", result " + i);
            }
        }
    }

    private static int[] bits(Tensor t) {
        int[] words = new int[Math.toIntExact(t.count())];
        t.backend().memory().download(t.buffer(), words);
        return words;
    }

    // ---- random numbers

    @OnEachDevice
    void normal(Device device) {
        for (int columns : new int[] {1, 2, 4, 7, 1024, 1025, 4099}) {
            for (long firstRow : new long[] {0, 0xFFFF_FFFEL}) {
                check(device, columns + " columns from row " + firstRow, scope -> {
                    Tensor y = scope.empty(Shape.of(3, columns));
                    scope.backend().random().normal(SEED, Stream.INIT, firstRow, 0x8000_0001L, 3, columns, y.buffer());
                    return List.of(y);
                });
            }
        }
    }

    @OnEachDevice
    void noiseAdd(Device device) {
        for (Nhwc image : IMAGES) {
            for (int images : new int[] {3, 5, 1000}) {
                boolean flip = images != 3;
                noiseAdd(device, new NoiseAdd(image.withN(3), images, SEED, flip, false, T), 0);
                noiseAdd(device, new NoiseAdd(image.withN(2), images, SEED, flip, true, T), images - 2);
            }
        }
        noiseAdd(device, new NoiseAdd(new Nhwc(1, 2, 2, 1), 1, SEED, true, true, 1), 0);
        noiseAdd(device, new NoiseAdd(new Nhwc(700, 1, 3, 1), 70_001, SEED, true, true, T), 60_000);
    }

    private static void noiseAdd(Device device, NoiseAdd g, int position) {
        byte[] bytes =
                new byte[(int) (g.images() * g.batch().pixels() * g.batch().c())];
        new Random(OpCheck.SEED).nextBytes(bytes);
        for (int epoch : new int[] {0, 7}) {
            check(device, g + " at " + position + " of epoch " + epoch, scope -> {
                Tensor xt = scope.empty(Shape.of(g.batch()));
                Tensor eps = scope.empty(Shape.of(g.batch()));
                Tensor t = scope.allocate(Shape.of(g.batch().n()), DType.I32, false);
                StepNumbers now = new StepNumbers(epoch, position, 123 + epoch, 0, 0, 0, 0, 0);
                scope.backend()
                        .random()
                        .noiseAdd(
                                g,
                                words(scope, now.toWords()),
                                scope.tensor(Shape.of(bytes.length), bytes).buffer(),
                                table(scope, 1),
                                table(scope, 2),
                                xt.buffer(),
                                eps.buffer(),
                                t.buffer());
                return List.of(xt, eps, t);
            });
        }
    }

    // ---- diffusion steps

    @OnEachDevice
    void qSample(Device device) {
        for (Nhwc image : IMAGES) {
            Nhwc g = image.withN(3);
            check(device, "qSample " + g, scope -> {
                Tensor xt = scope.empty(Shape.of(g));
                scope.backend()
                        .random()
                        .qSample(
                                g,
                                gaussians(scope, g, 3),
                                words(scope, 0, T - 1, T / 2),
                                gaussians(scope, g, 4),
                                table(scope, 1),
                                table(scope, 2),
                                xt.buffer());
                return List.of(xt);
            });
        }
    }

    @OnEachDevice
    void reverseStep(Device device) {
        for (Nhwc image : IMAGES) {
            for (boolean clip : new boolean[] {false, true}) {
                for (float sigma : new float[] {0, 0.31f}) {
                    ReverseStep g = new ReverseStep(image.withN(2), SEED, clip);
                    ReverseNumbers now = new ReverseNumbers(17, 40, 1.1f, 0.43f, 0.13f, 0.88f, -0.07f, sigma);
                    check(device, g + " " + now, scope -> reverseStep(scope, g, now, false));
                    check(device, g + " in place " + now, scope -> reverseStep(scope, g, now, true));
                }
            }
        }
    }

    private static List<Tensor> reverseStep(Scope scope, ReverseStep g, ReverseNumbers now, boolean inPlace) {
        Tensor x = scope.tensor(Shape.of(g.x()), values(g.x().count(), 5));
        Tensor out = inPlace ? x : scope.empty(Shape.of(g.x()));
        Tensor x0 = scope.empty(Shape.of(g.x()));
        Buffer eps = gaussians(scope, g.x(), 6);
        RandomOps random = scope.backend().random();
        random.reverseStep(g, words(scope, now.toWords()), x.buffer(), eps, out.buffer(), x0.buffer());
        return List.of(out, x0);
    }

    /** Clamping must not turn a NaN into a number: the run would go on with it. */
    @OnEachDevice
    void clampKeepsNaN(Device device) {
        ReverseStep g = new ReverseStep(new Nhwc(1, 1, 5, 1), SEED, true);
        ReverseNumbers now = new ReverseNumbers(3, 0, 1, 1, 1, 0, 0, 0);
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            Tensor x = scope.tensor(Shape.of(g.x()), new float[] {Float.NaN, 9, -9, 0.5f, Float.NEGATIVE_INFINITY});
            Tensor x0 = scope.empty(Shape.of(g.x()));
            Buffer eps = scope.zeros(Shape.of(g.x())).buffer();
            RandomOps random = scope.backend().random();
            random.reverseStep(g, words(scope, now.toWords()), x.buffer(), eps, x.buffer(), x0.buffer());
            assertArrayEquals(new float[] {Float.NaN, 1, -1, 0.5f, -1}, x0.toFloats());
        }
    }

    // ---- updates: more slots than one launch takes

    @OnEachDevice
    void adam(Device device) {
        for (float l2 : new float[] {0, 0.02f}) {
            AdamStep g = new AdamStep(0.9, 0.999, 1e-8, l2);
            for (float good : new float[] {1, 0}) {
                check(device, "adam", scope -> {
                    List<OptimizerOps.Slot> slots = new ArrayList<>();
                    List<Tensor> results = new ArrayList<>();
                    for (int i = 0; i < 300; i++) {
                        int n = slotSize(i);
                        Tensor p = scope.tensor(Shape.of(n), values(n, 4 * i));
                        Tensor m = scope.tensor(Shape.of(n), values(n, 4 * i + 1));
                        Tensor v = scope.tensor(Shape.of(n), squares(n, 4 * i + 2));
                        Tensor grad = scope.tensor(Shape.of(n), values(n, 4 * i + 3));
                        slots.add(new OptimizerOps.Slot(n, p.buffer(), grad.buffer(), m.buffer(), v.buffer()));
                        results.addAll(List.of(p, m, v));
                    }
                    scope.backend().optimizer().adam(g, numbers(scope), state(scope, good), slots);
                    return results;
                });
            }
        }
    }

    @OnEachDevice
    void ema(Device device) {
        for (float good : new float[] {1, 0}) {
            check(device, "ema", scope -> {
                List<Long> n = new ArrayList<>();
                List<Buffer> p = new ArrayList<>();
                List<Tensor> average = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    int count = slotSize(i);
                    n.add((long) count);
                    p.add(scope.tensor(Shape.of(count), values(count, 2 * i)).buffer());
                    average.add(scope.tensor(Shape.of(count), values(count, 2 * i + 1)));
                }
                List<Buffer> averages = average.stream().map(Tensor::buffer).toList();
                scope.backend().optimizer().ema(numbers(scope), state(scope, good), n, p, averages);
                return average;
            });
        }
    }

    /** Squares in double, exact, and one rounding at the end: on any device the same float but for a tie in 2^29. */
    @OnEachDevice
    void clip(Device device) {
        for (float maxNorm : new float[] {0, 1, 1e9f}) {
            check(device, "clip to " + maxNorm, scope -> {
                List<Long> n = new ArrayList<>();
                List<Buffer> grads = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    int count = slotSize(i);
                    n.add((long) count);
                    grads.add(scope.tensor(Shape.of(count), values(count, i)).buffer());
                }
                Tensor state = scope.tensor(Shape.of(4), new float[] {7, 7, 1, 7});
                Tensor results = scope.zeros(Shape.of(8));
                Buffer loss = scope.tensor(Shape.of(1), new float[] {0.25f}).buffer();
                OptimizerOps optimizer = scope.backend().optimizer();
                optimizer.clip(new ClipStep(maxNorm), numbers(scope), loss, n, grads, state.buffer(), results.buffer());
                return List.of(state, results);
            });
        }
    }

    @OnEachDevice
    void clipStopsAtWhatIsNotFinite(Device device) {
        for (float[] bad : new float[][] {{Float.NaN, 1}, {Float.POSITIVE_INFINITY, 1}, {1, Float.NaN}, {1, 3e38f}}) {
            try (Scope scope = Scope.on(new Guarded(device.backend()))) {
                Tensor state = scope.tensor(Shape.of(4), new float[] {0, 0, 1, 0});
                float[] first = clip(scope, 1, 1, state);
                assertTrue(first[2] == 1 && Float.isFinite(first[0]));
                assertEquals(0, clip(scope, bad[0], bad[1], state)[2]);
                float[] after = clip(scope, 1, 1, state);
                assertEquals(0, after[2], "stays");
                assertFalse(Float.isNaN(after[0]));
            }
        }
    }

    /** A loss and four equal gradients. */
    private static float[] clip(Scope scope, float loss, float grad, Tensor state) {
        Buffer grads =
                scope.tensor(Shape.of(4), new float[] {grad, grad, grad, grad}).buffer();
        scope.backend()
                .optimizer()
                .clip(
                        new ClipStep(1),
                        numbers(scope),
                        scope.tensor(Shape.of(1), new float[] {loss}).buffer(),
                        List.of(4L),
                        List.of(grads),
                        state.buffer(),
                        scope.zeros(Shape.of(8)).buffer());
        return state.toFloats();
    }

    // ---- inputs

    private static int slotSize(int i) {
        return i % 10 == 0 ? SLOT_SIZES[i / 10 % SLOT_SIZES.length] : 1 + i % 7;
    }

    private static Buffer numbers(Scope scope) {
        return words(scope, new StepNumbers(0, 0, 0, 3, 0.999f, 1.7e-3f, 1.3f, 0.01f).toWords());
    }

    private static Buffer state(Scope scope, float good) {
        return scope.tensor(Shape.of(4), new float[] {2, 0.43f, good, 0}).buffer();
    }

    private static Buffer words(Scope scope, int... words) {
        return scope.tensor(Shape.of(words.length), words).buffer();
    }

    /** A table of T numbers in (0,1). */
    private static Buffer table(Scope scope, int which) {
        float[] values = new float[T];
        Random random = new Random(OpCheck.SEED + which);
        for (int t = 0; t < T; t++) {
            values[t] = random.nextFloat();
        }
        return scope.tensor(Shape.of(T), values).buffer();
    }

    private static Buffer gaussians(Scope scope, Nhwc g, int which) {
        return scope.tensor(Shape.of(g), values(g.count(), which)).buffer();
    }

    private static float[] values(long count, int which) {
        Random random = new Random(OpCheck.SEED + which);
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] squares(int count, int which) {
        float[] values = values(count, which);
        for (int i = 0; i < count; i++) {
            values[i] *= values[i];
        }
        return values;
    }
}
