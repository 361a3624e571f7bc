package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.LabelOps.Guide;
import ddpm.engine.backend.LabelOps.LabelDraw;
import ddpm.engine.ops.DrawLabels;
import ddpm.engine.ops.Guidance;
import ddpm.engine.random.Permutation;
import ddpm.engine.random.Philox;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Labels: their embedding, those of a batch, and what guidance makes of two outputs. */
class LabelOpsTest {
    private static final long SEED = OpCheck.SEED;
    private static final Stream DROPS = new Stream(7);

    // ---- embedding

    @OnEachDevice
    void embedding(Device device) {
        for (int[] e : new int[][] {{1, 1, 1}, {3, 2, 4}, {7, 10, 33}, {64, 10, 64}, {40, 3, 129}}) { // n, classes, dim
            int[] label = new Random(SEED).ints(e[0], -1, e[1]).toArray();
            long most = Arrays.stream(label)
                    .mapToLong(k -> Arrays.stream(label).filter(l -> l == k).count())
                    .max()
                    .orElseThrow();
            OpCheck.on(device, "embedding " + Arrays.toString(e))
                    .input("x", normal(0, 1), e[1], e[2])
                    .reference(in -> Reference.embedding(label, e[2], in.x()))
                    .op(in ->
                            in.x().scope().tensor(Shape.of(label.length), label).embedding(in.x()))
                    .quadratic()
                    .entries(4)
                    .sum("dx", most, c -> most * c.max("dy"))
                    .tolerance(c -> c.isForward() ? 0 : U * c.terms() * c.scale())
                    .checkForwardAndGradients();
        }
    }

    /** No label is zeros; one that the table does not have stops a run at its loss. */
    @OnEachDevice
    void labelsThatNameNoRow(Device device) {
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            Tensor table = scope.tensor(Shape.of(2, 3), new float[] {1, 2, 3, 4, 5, 6});
            float[] y = scope.tensor(Shape.of(5), new int[] {1, -1, 2, -2, 0})
                    .embedding(table)
                    .toFloats();
            float nan = Float.NaN;
            assertArrayEquals(new float[] {4, 5, 6, 0, 0, 0, nan, nan, nan, nan, nan, nan, 1, 2, 3}, y);
        }
    }

    /** Rows without a label have no part in the gradient, and a class that nobody has gets zeros. */
    @OnEachDevice
    void noLabelHasNoGradient(Device device) {
        try (Scope scope = Scope.recording(new Guarded(device.backend()))) {
            Tensor table = scope.leaf(Shape.of(3, 1), new float[] {1, 2, 3});
            Tensor y = scope.tensor(Shape.of(4), new int[] {2, -1, 0, 2}).embedding(table);
            float[] d = scope.tape().backward(y.sum()).of(table).toFloats();
            assertArrayEquals(new float[] {1, 0, 2}, d);
        }
    }

    // ---- labels of a batch

    private static int[] labels(int images) {
        return new Random(SEED).ints(images, -1, 10).toArray();
    }

    private static int[] draw(Device device, BatchNumbers now, int n, int images, double dropout) {
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            Tensor numbers = scope.tensor(Shape.of(BatchNumbers.WORDS), now.toWords());
            Tensor labels = scope.tensor(Shape.of(images), labels(images));
            return DrawLabels.apply(new LabelDraw(n, images, SEED, dropout, DROPS), numbers, labels)
                    .toInts();
        }
    }

    /** Row i has the label of the image that noiseAdd takes, unless its random bits leave it out. */
    @OnEachDevice
    void labelsOfABatch(Device device) {
        int images = 37;
        int[] all = labels(images);
        for (double dropout : new double[] {0, 0.1, 0.5, 1}) {
            for (int[] part : new int[][] {{16, 0, 0}, {16, 16, 3}, {5, 32, 0}, {1, 36, 8}}) { // rows, position, first
                BatchNumbers now = new BatchNumbers(3, part[1], 77, part[2]);
                int[] got = draw(device, now, part[0], images, dropout);
                Permutation order = new Permutation(images, SEED, 3);
                for (int i = 0; i < part[0]; i++) {
                    boolean out = Philox.word(SEED, DROPS, part[2] + i, 77) < dropout * 0x1p32;
                    assertEquals(out ? -1 : all[order.at(part[1] + i)], got[i], "row " + i + ", dropout " + dropout);
                }
            }
        }
    }

    /** Parts of a batch leave out what the whole batch leaves out. */
    @OnEachDevice
    void partsOfABatchGiveTheWholeBatch(Device device) {
        int[] want = draw(device, new BatchNumbers(1, 4, 9, 0), 30, 50, 0.3);
        int from = 0;
        for (int rows : new int[] {13, 1, 16}) {
            int[] got = draw(device, new BatchNumbers(1, 4 + from, 9, from), rows, 50, 0.3);
            assertArrayEquals(Arrays.copyOfRange(want, from, from + rows), got);
            from += rows;
        }
    }

    /** The share that is left out is the one asked for: 5 standard deviations. */
    @OnEachDevice
    void shareLeftOut(Device device) {
        int n = 20_000;
        try (Scope scope = Scope.on(device.backend())) {
            Tensor numbers = scope.tensor(Shape.of(BatchNumbers.WORDS), new BatchNumbers(0, 0, 5, 0).toWords());
            Tensor labels = scope.tensor(Shape.of(n), new int[n]);
            int[] got = DrawLabels.apply(new LabelDraw(n, n, SEED, 0.1, DROPS), numbers, labels)
                    .toInts();
            long none = Arrays.stream(got).filter(l -> l == -1).count();
            assertEquals(0.1 * n, none, 5 * Math.sqrt(0.09 * n));
        }
    }

    // ---- guidance

    @OnEachDevice
    void twice(Device device) {
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            float[] x = SameBits.values(2 * 3 * 5 * 2, 1);
            float[] y = Guidance.twice(scope.tensor(Shape.of(2, 3, 5, 2), x)).toFloats();
            assertArrayEquals(x, Arrays.copyOfRange(y, 0, x.length));
            assertArrayEquals(x, Arrays.copyOfRange(y, x.length, 2 * x.length));
            assertEquals(2 * x.length, y.length);
        }
    }

    @OnEachDevice
    void guide(Device device) {
        for (Nhwc out : List.of(new Nhwc(1, 1, 1, 1), new Nhwc(3, 5, 7, 1), new Nhwc(2, 9, 31, 6))) {
            for (long guided : out.c() == 1 ? new long[] {1} : new long[] {out.c(), out.c() / 2}) {
                for (float scale : new float[] {0, 1, 2.5f, -0.5f}) {
                    for (float rescale : new float[] {0, 0.7f, 1}) {
                        guide(device, new Guide(out, guided, scale, rescale));
                    }
                }
            }
        }
    }

    /** One rounding in each of the operations of the formula; the quotient's are in double. */
    private static void guide(Device device, Guide g) {
        float[] f = SameBits.values(2 * g.output().count(), 3);
        double[] want = Reference.guidance(g, f);
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            Nhwc out = g.output();
            float[] got = Guidance.of(g, scope.tensor(Shape.of(out.withN(2 * out.n())), f))
                    .toFloats();
            int half = got.length;
            int length = half / (int) out.n();
            double factor = 1;
            for (int i = 0; i < half; i++) {
                if (g.rescale() != 0 && i % length == 0) {
                    factor = Math.max(1, Reference.guidanceFactor(g, f, i));
                }
                double size =
                        Math.abs(f[half + i]) + 2 * Math.abs(g.scale()) * (Math.abs(f[i]) + Math.abs(f[half + i]));
                assertEquals(want[i], got[i], 4 * U * size * factor, g + " at " + i);
            }
        }
    }

    /** Where guidance gives the same everywhere there is no deviation to divide by. */
    @OnEachDevice
    void aFlatResultIsNotRescaled(Device device) {
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            float[] f = {1, 1, 1, 1, 0.5f, 0.5f, 0.5f, 0.5f};
            Guide g = new Guide(new Nhwc(1, 2, 2, 1), 1, 2, 1);
            float[] y = Guidance.of(g, scope.tensor(Shape.of(2, 2, 2, 1), f)).toFloats();
            assertArrayEquals(new float[] {1.5f, 1.5f, 1.5f, 1.5f}, y);
        }
    }

    /** A scale of 1 without rescaling is the condition alone, but for rounding; of 0, what is said without it. */
    @OnEachDevice
    void theEnds(Device device) {
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            Nhwc out = new Nhwc(2, 3, 3, 1);
            float[] f = SameBits.values(36, 4);
            Tensor both = scope.tensor(Shape.of(out.withN(4)), f);
            float[] none = Guidance.of(new Guide(out, 1, 0, 0), both).toFloats();
            assertArrayEquals(Arrays.copyOfRange(f, 18, 36), none);
            float[] one = Guidance.of(new Guide(out, 1, 1, 0), both).toFloats();
            for (int i = 0; i < 18; i++) {
                assertTrue(Math.abs(one[i] - f[i]) <= 4 * U * (Math.abs(f[i]) + Math.abs(f[18 + i])));
            }
        }
    }
}
