package ddpm.engine.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.backend.ReverseStep.Numbers;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.NoiseTable;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.ReverseReference;
import ddpm.engine.testing.ReverseReference.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** The way from noise to images: each kind of step against its formula, and what must not depend on how it is asked for. */
class ReverseStepTest {
    private static final long SEED = OpCheck.SEED;

    /** Whole groups of four or not, one block of threads or two. */
    private static final List<Nhwc> EXTENTS =
            List.of(new Nhwc(3, 5, 3, 3), new Nhwc(2, 1, 7, 1), new Nhwc(2, 2, 4, 4), new Nhwc(2, 19, 18, 3));

    private record Outcome(float[] next, float[] x0, float[] slots) {}

    /** What a step reads; NaN in slots that it must not read. */
    private record Given(float[] x, float[] f, float[] slots, float[] limit) {}

    private static Given given(ReverseStep g) {
        int count = (int) g.x().count();
        float[] slots = gaussians(3, Math.max(1, g.slots()) * count);
        if (g.slots() > 1) {
            Arrays.fill(slots, count, 2 * count, Float.NaN); // slot 1 has no weights
        }
        float[] limit = new float[(int) g.x().n()];
        for (int i = 0; i < limit.length; i++) {
            limit[i] = 1 + 0.37f * i;
        }
        return new Given(gaussians(1, count), gaussians(2, (g.learned() ? 2 : 1) * count), slots, limit);
    }

    private static ReverseStep step(Nhwc x, int slots, Clipping clipping, boolean evaluates, boolean learned) {
        return new ReverseStep(x, SEED, NoiseTable.REVERSE, slots, clipping, evaluates, learned);
    }

    /** Of the size that samplers have, no two alike; slot 1 without weights, slot 2 with one only in what is saved. */
    private static Numbers numbers(int slots, float sd) {
        Numbers n =
                new Numbers().key(500).firstImage(1000).estimate(1.3f, -0.83f).range(1.25f);
        n.next(0.13f, 0.88f, -0.07f).noise(sd).logVariances(-1.7f, -4.1f);
        for (int j = 0; j < slots; j++) {
            n.nextFrom(j, j == 1 || j == 2 ? 0 : 0.31f - 0.09f * j).saveFrom(j, j == 1 ? 0 : 0.17f + 0.05f * j);
        }
        if (slots > 0) {
            n.keep(0, 0.61f, -0.23f, 0.41f);
        }
        return slots > 1 ? n.save(slots - 1, -0.19f, 0.29f, 0.53f) : n;
    }

    @OnEachDevice
    void everyKindOfStep(Device device) {
        for (Nhwc x : EXTENTS) {
            for (int slots : new int[] {0, 1, 3, 8}) {
                for (float sd : new float[] {0, 1}) {
                    for (Clipping clipping : Clipping.values()) {
                        check(device, step(x, slots, clipping, true, false), numbers(slots, 0.3f * sd));
                        check(device, step(x, slots, clipping, true, true), numbers(slots, sd));
                    }
                    check(device, step(x, slots, Clipping.CLIP, false, false), numbers(slots, 0.3f * sd));
                }
            }
        }
    }

    private static void check(Device device, ReverseStep g, Numbers numbers) {
        Given in = given(g);
        Outcome out = run(device, g, numbers, in, false);
        int[] words = numbers.toWords();
        ReverseReference want = new ReverseReference(g, words, in.x(), in.f(), in.slots(), in.limit());
        int count = in.x().length;
        near(g + " next", want::next, out.next(), 0, count);
        if (g.evaluates()) {
            near(g + " x0", want::x0, out.x0(), 0, count);
        } else {
            assertTrue(Float.isNaN(out.x0()[0]), "x0 stays as it was");
        }
        for (int j = 0; j < g.slots(); j++) {
            if (j == words[ReverseStep.KEEP]) {
                near(g + " kept", want::kept, out.slots(), j * count, count);
            } else if (j == words[ReverseStep.SAVE]) {
                near(g + " saved", want::saved, out.slots(), j * count, count);
            } else {
                assertArrayEquals(part(in.slots(), j, count), part(out.slots(), j, count), g + " slot " + j);
            }
        }
    }

    private static void near(String what, IntFunction<Value> want, float[] got, int from, int count) {
        for (int i = 0; i < count; i++) {
            Value w = want.apply(i);
            assertEquals(w.value(), got[from + i], w.allowed(), what + " [" + i + "]");
        }
    }

    private static Outcome run(Device device, ReverseStep g, Numbers numbers, Given in, boolean inPlace) {
        try (Scope scope = guarded(device)) {
            Tensor x = scope.tensor(Shape.of(g.x()), in.x());
            Tensor next = inPlace ? x : scope.empty(Shape.of(g.x()));
            Tensor x0 = scope.empty(Shape.of(g.x())); // NaN
            Tensor slots = scope.tensor(Shape.of(in.slots().length), in.slots());
            step(scope, g, words(scope, numbers), x, in, slots, next, x0);
            return new Outcome(next.toFloats(), x0.toFloats(), slots.toFloats());
        }
    }

    private static void step(
            Scope scope, ReverseStep g, Tensor words, Tensor x, Given in, Tensor slots, Tensor next, Tensor x0) {
        scope.backend()
                .diffusion()
                .reverse(
                        g,
                        words.buffer(),
                        x.buffer(),
                        scope.tensor(Shape.of(in.f().length), in.f()).buffer(),
                        g.slots() == 0 ? null : slots.buffer(),
                        scope.tensor(Shape.of(in.limit().length), in.limit()).buffer(),
                        next.buffer(),
                        x0.buffer());
    }

    @OnEachDevice
    void theResultMayLieOverX(Device device) {
        for (boolean evaluates : new boolean[] {false, true}) {
            ReverseStep g = step(EXTENTS.get(0), 3, Clipping.CLIP, evaluates, false);
            Given in = given(g);
            Outcome want = run(device, g, numbers(3, 0.3f), in, false);
            Outcome got = run(device, g, numbers(3, 0.3f), in, true);
            assertArrayEquals(want.next(), got.next());
            assertArrayEquals(want.slots(), got.slots());
        }
    }

    /** Images 1 and 2 of three on their own. */
    @OnEachDevice
    void partsOfABatchGiveTheWholeBatch(Device device) {
        Nhwc x = EXTENTS.get(0);
        for (boolean learned : new boolean[] {false, true}) {
            ReverseStep whole = step(x, 1, Clipping.THRESHOLD, true, learned);
            ReverseStep rest = step(x.withN(2), 1, Clipping.THRESHOLD, true, learned);
            Given in = given(whole);
            Outcome want = run(device, whole, numbers(1, 1), in, false);
            int one = (int) (x.pixels() * x.c());
            Given tail = new Given(
                    tail(in.x(), one),
                    tail(in.f(), learned ? 2 * one : one),
                    tail(in.slots(), one),
                    tail(in.limit(), 1));
            Outcome got = run(device, rest, numbers(1, 1).firstImage(1001), tail, false);
            assertArrayEquals(tail(want.next(), one), got.next());
            assertArrayEquals(tail(want.x0(), one), got.x0());
            assertArrayEquals(tail(want.slots(), one), got.slots());
        }
    }

    /** A chain of steps whose numbers are written before each: the same with a recorder as without. */
    @OnEachDevice
    void aRecordedStepReadsTheNumbersOfItsTime(Device device) {
        assertEquals(chain(device, false), chain(device, true));
    }

    private static List<Integer> chain(Device device, boolean recorded) {
        ReverseStep g = step(EXTENTS.get(0), 2, Clipping.THRESHOLD, true, true);
        Given in = given(g);
        List<Integer> hashes = new ArrayList<>();
        try (Scope scope = Scope.on(device.backend());
                Recorder recorder = recorded ? device.backend().recorder() : Recorder.none()) {
            Tensor x = scope.tensor(Shape.of(g.x()), in.x());
            Tensor shown = scope.empty(Shape.of(g.x()));
            Tensor f = scope.tensor(Shape.of(in.f().length), in.f());
            Tensor x0 = scope.empty(Shape.of(g.x()));
            Tensor slots = scope.tensor(Shape.of(in.slots().length), in.slots());
            Tensor limit = scope.empty(Shape.of(g.x().n()));
            Tensor words = words(scope, new Numbers());
            DiffusionOps ops = device.backend().diffusion();
            for (int k = 0; k < 5; k++) {
                Numbers now = numbers(2, 1)
                        .key(5 - k)
                        .range(50)
                        .quantile(0.9f - 0.1f * k)
                        .inputScale(1 + 0.1f * k);
                if (k == 0) {
                    now.nextFrom(0, 0).saveFrom(0, 0); // slots that nobody has written
                }
                device.backend().memory().upload(now.toWords(), words.buffer());
                recorder.run(g, () -> {
                    ops.scale(x.count(), words.buffer(), x.buffer(), shown.buffer());
                    ops.threshold(g, words.buffer(), shown.buffer(), f.buffer(), limit.buffer());
                    ops.reverse(
                            g,
                            words.buffer(),
                            shown.buffer(),
                            f.buffer(),
                            slots.buffer(),
                            limit.buffer(),
                            x.buffer(),
                            x0.buffer());
                });
                hashes.add(Arrays.hashCode(x.toFloats()));
                hashes.add(Arrays.hashCode(limit.toFloats()));
                hashes.add(Arrays.hashCode(part(slots.toFloats(), 0, in.x().length)));
            }
        }
        return hashes;
    }

    /** Clamping must not turn a NaN into a number: the run would go on with it. */
    @OnEachDevice
    void clampKeepsNaN(Device device) {
        float inf = Float.POSITIVE_INFINITY;
        ReverseStep clip = step(new Nhwc(1, 1, 5, 1), 0, Clipping.CLIP, true, false);
        Numbers numbers = new Numbers().estimate(1, 0).next(1, 0, 0);
        Given in = new Given(new float[] {Float.NaN, 9, -9, 0.5f, -inf}, new float[5], new float[5], new float[] {3});
        float[] want = {Float.NaN, 1, -1, 0.5f, -1};
        assertArrayEquals(want, run(device, clip, numbers, in, false).x0());
        ReverseStep threshold = step(clip.x(), 0, Clipping.THRESHOLD, true, false);
        float[] divided = {Float.NaN, 1, -1, 0.5f / 3, -1};
        assertArrayEquals(divided, run(device, threshold, numbers, in, false).x0());
    }

    @OnEachDevice
    void scale(Device device) {
        for (int n : new int[] {1, 3, 4, 1025, 20_001}) {
            float[] x = gaussians(5, n);
            try (Scope scope = guarded(device)) {
                Tensor in = scope.tensor(Shape.of(n), x);
                Tensor out = scope.empty(Shape.of(n));
                Tensor words = words(scope, new Numbers().inputScale(0.73f));
                scope.backend().diffusion().scale(n, words.buffer(), in.buffer(), out.buffer());
                for (int i = 0; i < n; i++) {
                    x[i] *= 0.73f;
                }
                assertArrayEquals(x, out.toFloats());
                scope.backend().diffusion().scale(n, words.buffer(), in.buffer(), in.buffer());
                assertArrayEquals(x, in.toFloats());
            }
        }
    }

    @OnEachDevice
    void whatCannotBeIsRefused(Device device) {
        Nhwc x = EXTENTS.get(0);
        refused("9 slots, at most 8", () -> step(x, 9, Clipping.NONE, true, false));
        refused("a learned variance needs a network", () -> step(x, 0, Clipping.NONE, false, true));
        refused("slot 8, needs 0 to 7", () -> new Numbers().keep(8, 1, 0, 0));
        refused("slot -1, needs 0 to 7", () -> new Numbers().saveFrom(-1, 1));
        refused("quantile NaN", () -> new Numbers().quantile(Float.NaN));
        Numbers both = new Numbers().keep(2, 1, 0, 0).save(2, 1, 0, 0);
        refused("slot 2 is both kept and saved", both::toWords);
    }

    private static void refused(String message, org.junit.jupiter.api.function.Executable body) {
        var e = assertThrows(IllegalArgumentException.class, body);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    private static Tensor words(Scope scope, Numbers numbers) {
        return scope.tensor(Shape.of(ReverseStep.WORDS), numbers.toWords());
    }

    private static float[] part(float[] values, int which, int count) {
        return Arrays.copyOfRange(values, which * count, (which + 1) * count);
    }

    private static float[] tail(float[] values, int from) {
        return Arrays.copyOfRange(values, from, values.length);
    }

    private static Scope guarded(Device device) {
        return Scope.on(new Guarded(device.backend()));
    }

    private static float[] gaussians(int which, int count) {
        Random random = new Random(SEED + which);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
