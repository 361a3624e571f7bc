package ddpm.diffusion.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import ddpm.diffusion.prediction.EdmPreconditioning;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.prediction.Velocity;
import ddpm.diffusion.prediction.X0;
import ddpm.diffusion.schedule.Cosine;
import ddpm.diffusion.schedule.Edm;
import ddpm.diffusion.schedule.Flow;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.times.Uniform;
import ddpm.engine.backend.HybridLoss;
import ddpm.engine.ops.QSample;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The loss of a device, read from the table, is the bound as {@link BoundStep} has it, which is compared with other programs' numbers
 * by {@code ddpm verify}: for every t of a schedule, and every kind of prediction.
 */
class BoundTableTest {
    private static final int LENGTH = 6;

    @OnEachDevice
    void nats(Device device) {
        check(device, new Linear(30, 1e-3, 0.4, false), new Eps());
        check(device, new Cosine(30, 0.999, false), new V());
        check(device, new Cosine(30, 0.999, true), new X0());
        check(device, new Flow(30, 1), new Velocity());
        check(device, new Edm(30, 0.002, 80, 7), new EdmPreconditioning(0.5));
    }

    private static void check(Device device, ScheduleConfig config, Prediction prediction) {
        Schedule schedule = config.schedule();
        double[] times = new Uniform().rows(schedule);
        int n = times.length;
        double[] weights = new double[n];
        Arrays.setAll(weights, t -> 1 + t % 2);
        float[] table = BoundTable.of(schedule, prediction, times, weights);
        Random random = new Random(3);
        float[] xt = new float[n * LENGTH];
        float[] target = new float[xt.length];
        float[] said = new float[2 * xt.length];
        double[] want = new double[n];
        for (int i = 0; i < xt.length; i++) {
            int t = i / LENGTH;
            double x0 = new int[] {0, 1, 100, 254, 255, 17}[i % LENGTH] / 127.5 - 1;
            double eps = random.nextGaussian();
            Prediction.Coefficients f = prediction.at(schedule.signal(t), schedule.noise(t));
            double x = schedule.signal(t) * x0 + schedule.noise(t) * eps;
            xt[i] = (float) (f.input() * x);
            target[i] = (float) (f.c() * x0 + f.d() * eps);
            said[2 * i] = target[i] + (float) (0.3 * random.nextGaussian());
            said[2 * i + 1] = 2 * random.nextFloat() - 1;
            BoundStep step = new BoundStep(schedule, prediction, Variance.LEARNED_RANGE, Double.POSITIVE_INFINITY, t);
            double nats = step.nats(NormalCdf.TANH, x0, step.estimate(x, said[2 * i]), x, said[2 * i + 1]);
            want[t] += weights[t] * nats / Math.log(2) / LENGTH;
        }
        try (Scope scope = Scope.on(device.backend())) {
            Tensor own = scope.empty(Shape.of(n));
            QSample.Batch batch = new QSample.Batch(
                    scope.tensor(Shape.of(n, 1, LENGTH, 1), xt),
                    scope.tensor(Shape.of(n, 1, LENGTH, 1), target),
                    scope.zeros(Shape.of(n)),
                    scope.zeros(Shape.of(n)),
                    scope.tensor(Shape.of(n), IntStream.range(0, n).toArray()));
            scope.tensor(Shape.of(n, 1, LENGTH, 2), said)
                    .hybridLoss(batch, scope.tensor(Shape.of(n, HybridLoss.COLUMNS), table), own);
            float[] got = own.toFloats();
            for (int t = 0; t < n; t++) {
                // the target is rounded to 2^-24 of some 10, and nats grow with the square of what it misses by 0.3
                assertEquals(want[t], got[t], 2e-5 * (1 + want[t]), config + ", " + prediction + " at t=" + t);
            }
        }
    }

    @Test
    void aTBetweenTwoHasNoStep() {
        Schedule flow = new Flow(10, 1).schedule();
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> BoundTable.of(flow, new Velocity(), new double[] {1, 2.5}, new double[2]));
        assertTrue(e.getMessage().contains("t=2.5"), e.getMessage());
    }
}
