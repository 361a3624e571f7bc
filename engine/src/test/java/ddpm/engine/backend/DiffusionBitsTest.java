package ddpm.engine.backend;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.backend.ReverseStep.Numbers;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.NoiseTable;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;

/** The diffusion family gives on every device the bits that it gives on the CPU. */
@Tag("kernels")
class DiffusionBitsTest {
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

    // ---- forward

    @OnEachDevice
    void noiseAdd(Device device) {
        for (Nhwc image : IMAGES) {
            for (int images : new int[] {3, 5, 1000}) {
                boolean flip = images != 3;
                noiseAdd(device, geometry(image.withN(3), images, flip, false, T, 3), 0, 0);
                noiseAdd(device, geometry(image.withN(2), images, flip, true, T, 7), images - 2, 4);
            }
        }
        noiseAdd(device, geometry(new Nhwc(1, 2, 2, 1), 1, true, true, 1, 1), 0, 0);
        noiseAdd(device, geometry(new Nhwc(700, 1, 3, 1), 70_001, true, true, T, 2_000_000_000), 60_000, 1_999_999_300);
    }

    private static NoiseAdd geometry(Nhwc batch, int images, boolean flip, boolean stratified, int rows, long whole) {
        return new NoiseAdd(
                batch,
                images,
                SEED,
                flip,
                stratified,
                rows,
                whole,
                NoiseTable.NOISE,
                NoiseTable.TIMES,
                NoiseTable.FLIPS);
    }

    private static void noiseAdd(Device device, NoiseAdd g, int position, int firstRow) {
        byte[] bytes =
                new byte[(int) (g.images() * g.batch().pixels() * g.batch().c())];
        new Random(OpCheck.SEED).nextBytes(bytes);
        for (int epoch : new int[] {0, 7}) {
            float[] table = epoch == 0 ? NoiseTable.random(T) : NoiseTable.unequal(T);
            SameBits.check(device, g + " at " + position + " of epoch " + epoch, scope -> {
                Tensor xt = scope.empty(Shape.of(g.batch()));
                Tensor target = scope.empty(Shape.of(g.batch()));
                Tensor time = scope.empty(Shape.of(g.batch().n()));
                Tensor weight = scope.empty(Shape.of(g.batch().n()));
                Tensor row = scope.allocate(Shape.of(g.batch().n()), DType.I32, false);
                scope.backend()
                        .diffusion()
                        .noiseAdd(
                                g,
                                words(scope, new BatchNumbers(epoch, position, 123 + epoch, firstRow).toWords()),
                                scope.tensor(Shape.of(bytes.length), bytes).buffer(),
                                scope.tensor(Shape.of(T, NoiseAdd.COLUMNS), table)
                                        .buffer(),
                                xt.buffer(),
                                target.buffer(),
                                time.buffer(),
                                weight.buffer(),
                                row.buffer());
                return List.of(xt, target, time, weight, row);
            });
        }
    }

    @OnEachDevice
    void qSample(Device device) {
        for (Nhwc image : IMAGES) {
            Nhwc g = image.withN(3);
            SameBits.check(device, "qSample " + g, scope -> {
                Tensor xt = scope.empty(Shape.of(g));
                scope.backend()
                        .diffusion()
                        .qSample(
                                g,
                                gaussians(scope, g, 3),
                                words(scope, 0, T - 1, T / 2),
                                gaussians(scope, g, 4),
                                table(scope),
                                xt.buffer());
                return List.of(xt);
            });
        }
    }

    // ---- reverse

    @OnEachDevice
    void reverse(Device device) {
        for (Nhwc image : IMAGES) {
            for (int slots : new int[] {0, 4}) {
                for (float sd : new float[] {0, 0.31f}) {
                    for (Clipping clipping : Clipping.values()) {
                        for (boolean learned : new boolean[] {false, true}) {
                            reverse(device, step(image.withN(2), slots, clipping, true, learned), sd);
                        }
                    }
                    reverse(device, step(image.withN(2), slots, Clipping.NONE, false, false), sd);
                }
            }
        }
    }

    private static ReverseStep step(Nhwc x, int slots, Clipping clipping, boolean evaluates, boolean learned) {
        return new ReverseStep(x, SEED, NoiseTable.REVERSE, slots, clipping, evaluates, learned);
    }

    private static Numbers numbers(int slots, float sd) {
        Numbers n = new Numbers().key(17).firstImage(40).estimate(1.1f, -0.43f).range(1.1f);
        n.next(0.13f, 0.88f, -0.07f).noise(sd).logVariances(-0.7f, -5.3f).quantile(0.93f);
        for (int j = 0; j < slots; j++) {
            n.nextFrom(j, j == 2 ? 0 : 0.3f - 0.07f * j).saveFrom(j, j == 1 ? 0 : 0.21f + 0.03f * j);
        }
        return slots == 0 ? n : n.keep(1, 0.9f, -0.3f, 0.2f).save(3, -0.4f, 0.7f, 0.6f);
    }

    private static void reverse(Device device, ReverseStep g, float sd) {
        for (boolean inPlace : new boolean[] {false, true}) {
            SameBits.check(device, g + " sd " + sd + (inPlace ? " in place" : ""), scope -> {
                Nhwc out = g.learned() ? g.x().withC(2 * g.x().c()) : g.x();
                Buffer f = gaussians(scope, out, 6);
                Tensor x = scope.tensor(Shape.of(g.x()), SameBits.values(g.x().count(), 5));
                Tensor next = inPlace ? x : scope.empty(Shape.of(g.x()));
                Tensor x0 = scope.empty(Shape.of(g.x()));
                long all = Math.max(1, g.slots()) * g.x().count();
                Tensor slots = scope.tensor(Shape.of(all), SameBits.values(all, 7));
                Tensor limit = scope.empty(Shape.of(g.x().n()));
                Buffer words = words(scope, numbers(g.slots(), sd).toWords());
                DiffusionOps ops = scope.backend().diffusion();
                List<Tensor> results = new ArrayList<>(List.of(next, x0, slots));
                if (g.clipping() == Clipping.THRESHOLD) {
                    ops.threshold(g, words, x.buffer(), f, limit.buffer());
                    results.add(limit);
                }
                ops.reverse(g, words, x.buffer(), f, slots.buffer(), limit.buffer(), next.buffer(), x0.buffer());
                return results;
            });
        }
    }

    /** Exponents from those whose exp is 0 to those where it is infinite, each once. */
    @OnEachDevice
    void exponents(Device device) {
        Nhwc x = new Nhwc(1, 50, 41, 1);
        ReverseStep g = step(x, 0, Clipping.NONE, true, true);
        float[] f = new float[(int) (2 * x.count())];
        for (int k = 0; k < x.count(); k++) {
            f[2 * k + 1] = -1 + 2 * k / (x.count() - 1f);
        }
        SameBits.check(device, "exponents", scope -> {
            Tensor next = scope.empty(Shape.of(x));
            scope.backend()
                    .diffusion()
                    .reverse(
                            g,
                            words(
                                    scope,
                                    new Numbers()
                                            .noise(1)
                                            .logVariances(180, -220)
                                            .toWords()),
                            gaussians(scope, x, 1),
                            scope.tensor(Shape.of(f.length), f).buffer(),
                            null,
                            null,
                            next.buffer(),
                            scope.empty(Shape.of(x)).buffer());
            return List.of(next);
        });
    }

    // ---- inputs

    private static Buffer words(Scope scope, int... words) {
        return scope.tensor(Shape.of(words.length), words).buffer();
    }

    private static Buffer table(Scope scope) {
        return scope.tensor(Shape.of(T, NoiseAdd.COLUMNS), NoiseTable.random(T)).buffer();
    }

    private static Buffer gaussians(Scope scope, Nhwc g, int which) {
        return scope.tensor(Shape.of(g), SameBits.values(g.count(), which)).buffer();
    }
}
