package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.schedule.Linear;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import org.junit.jupiter.api.Test;

/** Guidance around a network that is known: 0.5 x, plus time / 8, plus what the class adds. */
class GuidedTest {
    private static final float[] ADDED = {3, -1, 7};

    /** With twice the channels where it learns a variance: 9 in the second half. */
    private static Denoiser network(Tensor table) {
        return (x, time, condition) -> {
            Tensor f = x.scale(0.5f).addPerImage(reshaped(time.in(x.scope())));
            return condition.hasLabels()
                    ? f.addPerImage(condition.label().in(x.scope()).embedding(table))
                    : f;
        };
    }

    /** time / 8 as [N,1]. */
    private static Tensor reshaped(Tensor time) {
        float[] values = time.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] /= 8;
        }
        return time.scope().tensor(Shape.of(values.length, 1), values);
    }

    @OnEachDevice
    void bothHalvesInOneBatch(Device device) {
        for (double w : new double[] {0, 1.5, 4}) {
            try (Scope scope = Scope.on(device.backend())) {
                Tensor table = scope.tensor(Shape.of(3, 1), ADDED);
                Tensor x = scope.tensor(Shape.of(3, 1, 2, 1), new float[] {1, 2, 4, 8, 16, 32});
                Tensor time = scope.tensor(Shape.of(3), new float[] {8, 16, 24});
                Denoiser guided = new Guided(network(table), new Guidance(w, 0), 1000);
                float[] f = guided.predict(x, time, Condition.of(scope, new int[] {2, -1, 0}))
                        .toFloats();
                double[] added = {7, 0, 3};
                for (int i = 0; i < 6; i++) {
                    double want = Math.pow(2, i) / 2 + (1 + i / 2) + w * added[i / 2];
                    assertEquals(want, f[i], 1e-5, "value " + i + ", w = " + w);
                }
            }
        }
    }

    @Test
    void outsideTheIntervalTheNetworkIsAskedAlone() {
        Denoiser network = (x, time, condition) -> x;
        Guided guided = new Guided(network, new Guidance(2, 0, 0.1, 0.5), 1000);
        Schedule schedule = new Linear(1000, 1e-4, 0.02, false).schedule();
        assertSame(network, guided.at(99));
        assertSame(guided, guided.at(100));
        assertSame(guided, guided.at(499));
        assertSame(network, guided.at(500));
        assertSame(network, network.at(500));
    }

    @OnEachDevice
    void withoutLabelsThereIsNothingToGuideTowards(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Guided guided = new Guided((x, time, condition) -> x, new Guidance(2, 0), 1000);
            Tensor x = scope.zeros(Shape.of(1, 1, 1, 1));
            Tensor time = scope.zeros(Shape.of(1));
            TensorException e = assertThrows(TensorException.class, () -> guided.predict(x, time, Condition.NONE));
            assertTrue(e.getMessage().contains("nothing to guide towards"), e.getMessage());
            assertFalse(Condition.NONE.hasLabels());
            assertThrows(TensorException.class, () -> new Condition(x));
        }
    }
}
