package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Init;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import java.util.List;

class GradientClipTest {
    private static final int N = 1000;

    /** What clipping left on the device. */
    private record Outcome(float norm, float scale, float good, StepMemory.Result result) {}

    private static Outcome measure(Backend backend, double maxNorm, float a, float... b) {
        float[] many = new float[N];
        Arrays.fill(many, a);
        try (Parameters parameters = new Parameters(backend, 0);
                StepMemory memory = new StepMemory(backend, 1);
                Scope scope = Scope.on(backend)) {
            parameters.create("many", Shape.of(N), Init.constant(0));
            parameters.create("few", Shape.of(b.length), Init.constant(0));
            List<Tensor> gradients = List.of(scope.tensor(Shape.of(N), many), scope.tensor(Shape.of(b.length), b));
            memory.write(AdamConfig.adam().numbers(0, 0, 0));
            Tensor loss = scope.tensor(Shape.of(), new float[] {0.5f});
            GradientClip.measure(parameters, gradients, loss, maxNorm, memory);
            StepMemory.Result result = memory.read(1).get(0);
            if (!result.finite()) {
                throw GradientClip.notFinite(parameters, gradients, result.norm());
            }
            float[] state = memory.state().toFloats();
            return new Outcome(state[0], state[1], state[2], result);
        }
    }

    /** sqrt(1000 * 0.3^2 + 4^2 + 5^2), and PyTorch's factor. */
    @OnEachDevice
    void largeGradientsAreScaledDown(Device device) {
        double norm = Math.sqrt(N * (double) 0.3f * 0.3f + 16 + 25);
        Outcome r = measure(device.backend(), 2, 0.3f, 4, -5);
        assertEquals((float) norm, r.norm());
        assertEquals(2 / (norm + 1e-6), r.scale(), 2 * 0x1p-24 * r.scale());
        assertEquals(1, r.good());
        assertEquals(new StepMemory.Result(0.5f, (float) norm), r.result());
    }

    @OnEachDevice
    void smallOnesAndUnlimitedOnesAreNot(Device device) {
        assertEquals(1f, measure(device.backend(), 100, 0.3f, 4, -5).scale());
        assertEquals(1f, measure(device.backend(), 0, 1e6f, 4, -5).scale());
    }

    @OnEachDevice
    void zeroIsNoReasonToDivideByZero(Device device) {
        assertEquals(new Outcome(0, 1, 1, new StepMemory.Result(0.5f, 0)), measure(device.backend(), 1, 0, 0));
    }

    /** 1e30^2 is far beyond float32. */
    @OnEachDevice
    void squaresDoNotOverflow(Device device) {
        assertEquals(1e30 * Math.sqrt(N), measure(device.backend(), 1, 1e30f, 0).norm(), 1e24);
    }

    @OnEachDevice
    void aNormThatIsNotFiniteIsReported(Device device) {
        var nan = assertThrows(NotFiniteException.class, () -> measure(device.backend(), 1, 0.3f, 1, Float.NaN));
        assertTrue(nan.getMessage().startsWith("the global norm of the gradients is NaN, from few;"), nan.getMessage());
        var infinite =
                assertThrows(NotFiniteException.class, () -> measure(device.backend(), 0, Float.NEGATIVE_INFINITY, 1));
        assertTrue(infinite.getMessage().contains("is Infinity, from many;"), infinite.getMessage());
        var large = assertThrows(NotFiniteException.class, () -> measure(device.backend(), 0, 3e38f, 1));
        assertTrue(large.getMessage().contains("all of them finite but too large together"), large.getMessage());
    }
}
