package ddpm.engine.backend;

import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.ops.QSample;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.HybridReference;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Squared error and bound in one loss: sums in double, so the result has one rounding and its gradients three. */
class HybridLossTest {
    private static final int ROWS = 4;
    private static final double DIFFERENCE =
            Math.pow(0x1p-52, 2.0 / 3); // what rounding leaves of a central difference of 1

    private static final List<Nhwc> EXTENTS = List.of(
            new Nhwc(1, 1, 1, 1),
            new Nhwc(5, 1, 3, 1),
            new Nhwc(2, 7, 5, 3),
            new Nhwc(300, 1, 1, 2),
            new Nhwc(2, 74, 74, 3)); // two blocks of an image on either device, cut within a pixel

    private static int[] rows(Nhwc x) {
        return IntStream.range(0, (int) x.n()).map(i -> i % ROWS).toArray();
    }

    private static float[] weights(Nhwc x) {
        float[] weight = new float[(int) x.n()];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = i % 3 == 2 ? 0 : 0.7f + i % 3;
        }
        return weight;
    }

    /** Of an image, and one by one: F's and v's. */
    private static float[] output(Nhwc x, double spread) {
        Random random = new Random(OpCheck.SEED);
        float[] pred = new float[(int) (2 * x.count())];
        for (int i = 0; i < pred.length; i++) {
            boolean v = i % (2 * x.c()) >= x.c();
            pred[i] = v ? 2 * random.nextFloat() - 1 : (float) (spread * random.nextGaussian());
        }
        return pred;
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    @OnEachDevice
    void lossAndGradients(Device device) {
        for (Nhwc x : EXTENTS) {
            for (double spread : new double[] {1, 1e-3}) {
                check(device, x, spread);
            }
        }
    }

    /** Only the output is an input here: in the differences of F its place in the nats stays where it was. */
    private static void check(Device device, Nhwc x, double spread) {
        float[] pred = output(x, spread);
        float[] target = SameBits.values(x.count(), 1);
        for (int i = 0; i < target.length; i++) {
            target[i] *= (float) spread;
        }
        float[] xt = HybridReference.xt(target);
        HybridReference reference =
                new HybridReference(x, HybridReference.table(ROWS), rows(x), weights(x), doubles(target), doubles(xt));
        double size = reference.loss(doubles(pred), doubles(pred))[0];
        OpCheck.on(device, "hybridLoss of " + x + " spread " + spread)
                .input("pred", pred, 1, x.n(), x.h(), x.w(), 2 * x.c())
                .reference(in -> reference.loss(in.get("pred"), doubles(pred)))
                .op(in -> {
                    Tensor p = in.get("pred");
                    Scope scope = p.scope();
                    return p.hybridLoss(batch(scope, x, target, xt), table(scope), scope.empty(Shape.of(x.n())));
                })
                .entries(30)
                // the loss is positive terms; a probability of P has an error of 2^-52 / P, of 1e-6 and more here
                .tolerance(c -> c.isForward()
                        ? 2 * U * c.scale()
                        : (4 * U + 0x1p-52 / 1e-6) * c.scale() + 8 * DIFFERENCE * size * c.max("dy"))
                .checkForwardAndGradients();
    }

    private static Tensor table(Scope scope) {
        return scope.tensor(Shape.of(ROWS, HybridLoss.COLUMNS), HybridReference.table(ROWS));
    }

    private static QSample.Batch batch(Scope scope, Nhwc x, float[] target, float[] xt) {
        return new QSample.Batch(
                scope.tensor(Shape.of(x), xt),
                scope.tensor(Shape.of(x), target),
                scope.zeros(Shape.of(x.n())),
                scope.tensor(Shape.of(x.n()), weights(x)),
                scope.tensor(Shape.of(x.n()), rows(x)));
    }

    /** What an image adds, and that the loss is the mean of it. */
    @OnEachDevice
    void perImage(Device device) {
        for (Nhwc x : EXTENTS) {
            float[] pred = output(x, 0.1);
            float[] target = SameBits.values(x.count(), 1);
            float[] xt = HybridReference.xt(target);
            double[] want = new HybridReference(
                            x, HybridReference.table(ROWS), rows(x), weights(x), doubles(target), doubles(xt))
                    .perImage(doubles(pred), doubles(pred));
            try (Scope scope = Scope.on(new Guarded(device.backend()))) {
                Tensor own = scope.empty(Shape.of(x.n()));
                Tensor p = scope.tensor(Shape.of(x.n(), x.h(), x.w(), 2 * x.c()), pred);
                float loss = p.hybridLoss(batch(scope, x, target, xt), table(scope), own)
                        .item();
                double sum = 0;
                for (int i = 0; i < want.length; i++) {
                    assertEquals(want[i], own.toFloats()[i], 2 * U * Math.abs(want[i]), "image " + i + " of " + x);
                    sum += want[i];
                }
                assertEquals(sum / want.length, loss, 2 * U * sum / want.length, "loss of " + x);
            }
        }
    }

    /** A level that the model thinks impossible costs -log 1e-12, and there is no way down from there. */
    @OnEachDevice
    void anImpossibleLevelCostsNoMoreThanTheLeast(Device device) {
        Nhwc x = new Nhwc(1, 1, 1, 1);
        try (Scope scope = Scope.recording(device.backend())) {
            float[] target = {0};
            Tensor pred = scope.leaf(Shape.of(1, 1, 1, 2), new float[] {60, 0}); // 0.3 from x_0, where sd is 0.01
            Tensor weight = scope.zeros(Shape.of(1));
            QSample.Batch all = batch(scope, x, target, new float[] {0});
            QSample.Batch batch = new QSample.Batch(all.xt(), all.target(), all.time(), weight, all.row());
            Tensor loss = pred.hybridLoss(batch, table(scope), scope.empty(Shape.of(1)));
            double bound = HybridReference.table(ROWS)[HybridLoss.BOUND];
            assertEquals(-bound * Math.log(1e-12), loss.item(), 2 * U * 40);
            float[] d = scope.tape().backward(loss).of(pred).toFloats();
            assertEquals(0, d[0]);
            assertEquals(0, d[1]);
        }
    }

    @OnEachDevice
    void aLossIsNotFiniteWhereAValueIsNot(Device device) {
        for (Nhwc x :
                List.of(new Nhwc(2, 1, 2, 1), new Nhwc(1, 1, 2, 2))) { // a KL in the second image, or the first level
            for (int bad = 0; bad < 2 * x.count(); bad++) {
                try (Scope scope = Scope.on(device.backend())) {
                    float[] pred = output(x, 1);
                    pred[bad] = Float.NaN;
                    float[] target = SameBits.values(x.count(), 1);
                    float loss = scope.tensor(Shape.of(x.n(), x.h(), x.w(), 2 * x.c()), pred)
                            .hybridLoss(
                                    batch(scope, x, target, HybridReference.xt(target)),
                                    table(scope),
                                    scope.empty(Shape.of(x.n())))
                            .item();
                    assertFalse(Float.isFinite(loss), "value " + bad + " of " + x);
                }
            }
        }
    }

    @OnEachDevice
    void shapesAreChecked(Device device) {
        Nhwc x = new Nhwc(2, 2, 2, 1);
        try (Scope scope = Scope.on(device.backend())) {
            float[] eight = new float[8];
            QSample.Batch batch = batch(scope, x, eight, eight);
            Tensor own = scope.empty(Shape.of(2));
            Tensor single = scope.tensor(Shape.of(x), eight);
            Tensor pred = scope.zeros(Shape.of(2, 2, 2, 2));
            refused("the output must be [2,2,2,2]", () -> single.hybridLoss(batch, table(scope), own));
            refused("perImage must be [2]", () -> pred.hybridLoss(batch, table(scope), single));
            refused("needs a table [rows,8]", () -> pred.hybridLoss(batch, single, own));
        }
    }

    private static void refused(String part, Runnable op) {
        String message = assertThrows(TensorException.class, op::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
