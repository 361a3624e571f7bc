package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.Reference;
import java.util.List;
import java.util.Random;

/**
 * Reductions hold U (2 + log2(n)) of the sum of absolute terms, the bound of a summation tree (Higham 1993, "The accuracy
 * of floating point summation", section 3): a plain running sum in fp32 of a million terms does not.
 */
class LossOpsTest {
    private static final List<Data> KINDS = List.of(normal(0, 1), normal(100, 1), normal(0, 1e-3));
    private static final int[] COUNTS = {1, 4, 180, 504, 4_099, 1_000_003};

    @OnEachDevice
    void mse(Device device) {
        for (int n : COUNTS) {
            for (Data data : KINDS) {
                OpCheck.on(device, "mse")
                        .input("pred", data, n)
                        .input("target", data, n)
                        .reference(in -> Reference.mse(in.get("pred"), in.get("target")))
                        .op(in -> in.get("pred").mse(in.get("target")))
                        .quadratic()
                        .entries(1)
                        .sum("dpred", 1, c -> 3 * c.max("dy") / n * data.std())
                        .sum("dtarget", 1, c -> 3 * c.max("dy") / n * data.std())
                        // the terms of the forward are positive: want is the sum of absolute terms
                        .tolerance(c -> c.isForward() ? tree(n) * c.scale() : 4 * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    @OnEachDevice
    void sumAndMean(Device device) {
        for (int n : COUNTS) {
            for (Data data : KINDS) {
                double size =
                        n * (Math.abs(data.mean()) + data.std()); // at least the sum of absolute terms, nearly always
                OpCheck.on(device, "sum")
                        .input("x", data, n)
                        .reference(in -> Reference.sum(in.x()))
                        .op(in -> in.x().sum())
                        .quadratic()
                        .entries(1)
                        .tolerance(c -> c.isForward() ? tree(n) * size : U * c.scale())
                        .checkForwardAndGradients();
                OpCheck.on(device, "mean")
                        .input("x", data, n)
                        .reference(in -> Reference.scale(1.0 / n, Reference.sum(in.x())))
                        .op(in -> in.x().mean())
                        .quadratic()
                        .entries(1)
                        .tolerance(c -> c.isForward() ? tree(n) * size / n : 3 * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    /** Four fused inputs of a whole image batch, as the training loss has them. */
    @OnEachDevice
    void mseOfImages(Device device) {
        for (long[] shape : new long[][] {{1, 1, 1, 4}, {2, 3, 5, 6}, {1, 7, 9, 8}, {64, 28, 28, 1}}) {
            OpCheck.on(device, "mse of images")
                    .input("pred", normal(0, 1), shape)
                    .constant("target", normal(0, 1), shape)
                    .reference(in -> Reference.mse(in.get("pred"), in.get("target")))
                    .op(in -> in.get("pred").mse(in.get("target")))
                    .quadratic()
                    .tolerance(c -> c.isForward() ? tree(50_176) * c.scale() : 4 * U * c.scale())
                    .checkForwardAndGradients();
        }
    }

    /** Images of any length, one or many, whole blocks and not; a weight of 0 and one that is negative. */
    @OnEachDevice
    void weightedMse(Device device) {
        for (int[] extents : new int[][] {{1, 1}, {3, 7}, {5, 1024}, {2, 16_387}, {300, 5}, {64, 784}}) {
            int images = extents[0];
            int length = extents[1];
            float[] weight = new float[images];
            for (int i = 0; i < images; i++) {
                weight[i] = i % 3 == 0 ? 0.7f : i % 3 == 1 ? 0 : -2.5f;
            }
            for (Data data : KINDS) {
                OpCheck.on(device, "mse of " + images + " weighted images")
                        .input("pred", data, images, length)
                        .input("target", data, images, length)
                        .reference(in -> Reference.weightedMse(images, in.get("pred"), in.get("target"), weight))
                        .op(in -> in.get("pred")
                                .mse(
                                        in.get("target"),
                                        tensor(in.get("pred"), weight),
                                        in.get("pred").scope().empty(Shape.of(images))))
                        .quadratic()
                        .entries(1)
                        .sum("dpred", 1, c -> 8 * c.max("dy") / (images * length) * data.std())
                        .sum("dtarget", 1, c -> 8 * c.max("dy") / (images * length) * data.std())
                        // two images in three have terms, of either sign, of up to 2.5 times 2 std^2 on average
                        .tolerance(c -> c.isForward()
                                ? tree(images * length) * Math.max(c.scale(), 20 * data.std() * data.std())
                                : 4 * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    private static Tensor tensor(Tensor like, float[] values) {
        return like.scope().tensor(Shape.of(values.length), values);
    }

    /** Each image's own error, without its weight. */
    @OnEachDevice
    void perImage(Device device) {
        Random random = new Random(OpCheck.SEED);
        for (int[] extents : new int[][] {{1, 1}, {7, 9}, {3, 16_387}, {300, 4}}) {
            int images = extents[0];
            int length = extents[1];
            try (Scope scope = Scope.on(new Guarded(device.backend()))) {
                float[] pred = normals(random, images * length);
                float[] target = normals(random, images * length);
                Tensor own = scope.empty(Shape.of(images));
                scope.tensor(Shape.of(images, length), pred)
                        .mse(
                                scope.tensor(Shape.of(images, length), target),
                                scope.tensor(Shape.of(images), normals(random, images)),
                                own);
                float[] got = own.toFloats();
                for (int i = 0; i < images; i++) {
                    double want = 0;
                    for (int k = i * length; k < (i + 1) * length; k++) {
                        want += Math.pow((double) pred[k] - target[k], 2) / length;
                    }
                    assertEquals(want, got[i], 2 * U * want, "image " + i + " of " + images);
                }
            }
        }
    }

    /** What is not finite shows in the loss, even in an image that does not count. */
    @OnEachDevice
    void aLossIsNotFiniteWhereAValueIsNot(Device device) {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            for (float weight : new float[] {0, 1}) {
                try (Scope scope = Scope.on(device.backend())) {
                    Tensor pred = scope.tensor(Shape.of(2, 3), new float[] {1, 2, 3, 4, bad, 6});
                    Tensor zero = scope.zeros(Shape.of(2, 3));
                    Tensor weights = scope.tensor(Shape.of(2), new float[] {1, weight});
                    float loss =
                            pred.mse(zero, weights, scope.zeros(Shape.of(2))).item();
                    assertFalse(Float.isFinite(loss), bad + " with weight " + weight);
                    assertFalse(Float.isFinite(pred.mse(zero).item()));
                }
            }
        }
    }

    private static float[] normals(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double tree(int n) {
        return U * (2 + Math.log(n) / Math.log(2));
    }
}
