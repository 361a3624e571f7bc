package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Init;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernels")
class SgdTest {
    private static final int[] SIZES = {1, 37, 4099};
    private static final double LR = 3e-2;

    private static Parameters model(Backend backend) {
        Parameters p = new Parameters(backend, 4);
        for (int n : SIZES) {
            p.create("p" + n, Shape.of(n), Init.uniform(1));
        }
        return p;
    }

    private static float[] gradient(int n, int step) {
        float[] g = new float[n];
        for (int i = 0; i < n; i++) {
            g[i] = (float) Math.sin(i * 0.7 + step);
        }
        return g;
    }

    /** One update, number {@code step} from 1, of gradients that clipping would scale. */
    private static void step(Sgd sgd, Backend backend, SgdConfig config, int step, float scale) {
        try (Scope scope = Scope.on(backend);
                StepMemory memory = new StepMemory(backend, 1)) {
            memory.write(config.numbers(step - 1, 0, LR / step));
            backend.memory().upload(new float[] {0, scale, 1, 0}, memory.state().buffer());
            sgd.step(
                    Arrays.stream(SIZES)
                            .mapToObj(n -> scope.tensor(Shape.of(n), gradient(n, step)))
                            .toList(),
                    memory);
        }
    }

    /** Five steps against the class comment's formulas in double; the velocity reaches ten gradients at most, 1 / (1 - 0.9). */
    @OnEachDevice
    void formulas(Device device) {
        for (SgdConfig config : List.of(
                SgdConfig.momentum(0),
                SgdConfig.momentum(0.9),
                new SgdConfig(0.9, 0.1, false),
                new SgdConfig(0, 0.5, false),
                new SgdConfig(0.8, 0.1, true))) {
            for (float scale : new float[] {1, 0.25f}) {
                check(device.backend(), config, scale);
            }
        }
    }

    private static void check(Backend backend, SgdConfig config, float scale) {
        try (Parameters parameters = model(backend);
                Sgd sgd = new Sgd(parameters, config)) {
            double[][] p = new double[SIZES.length][];
            double[][] velocity = new double[SIZES.length][];
            for (int k = 0; k < SIZES.length; k++) {
                float[] start = parameters.tensors().get(k).toFloats();
                p[k] = new double[start.length];
                velocity[k] = new double[start.length];
                Arrays.setAll(p[k], i -> start[i]);
            }
            for (int step = 1; step <= 5; step++) {
                step(sgd, backend, config, step, scale);
                for (int k = 0; k < SIZES.length; k++) {
                    float[] grad = gradient(SIZES[k], step);
                    float[] got = parameters.tensors().get(k).toFloats();
                    for (int i = 0; i < got.length; i++) {
                        double d = grad[i] * scale + config.weightDecay() * p[k][i];
                        velocity[k][i] = config.momentum() * velocity[k][i] + d;
                        p[k][i] -= LR
                                / step
                                * (config.nesterov() ? d + config.momentum() * velocity[k][i] : velocity[k][i]);
                        double tolerance = step * 0x1p-24 * (2 * Math.abs(p[k][i]) + 10 * 8 * LR);
                        assertEquals(p[k][i], got[i], tolerance, config + " step " + step + " element " + i);
                    }
                }
            }
        }
    }

    /** Those that decay move as alone with a decay, the others as alone without one, bit for bit. */
    @OnEachDevice
    void onlySomeDecay(Device device) {
        SgdConfig with = new SgdConfig(0.9, 0.3, false);
        List<float[]> decayed = after(device.backend(), with, p -> true);
        List<float[]> undecayed = after(device.backend(), SgdConfig.momentum(0.9), p -> true);
        List<float[]> some = after(device.backend(), with, p -> p.name().equals("p37"));
        for (int k = 0; k < SIZES.length; k++) {
            assertArrayEquals(SIZES[k] == 37 ? decayed.get(k) : undecayed.get(k), some.get(k));
            assertFalse(Arrays.equals(decayed.get(k), undecayed.get(k)));
        }
    }

    private static List<float[]> after(Backend backend, SgdConfig config, Predicate<Parameter> decays) {
        try (Parameters parameters = model(backend);
                Sgd sgd = new Sgd(parameters, config, decays)) {
            step(sgd, backend, config, 1, 1);
            step(sgd, backend, config, 2, 1);
            return parameters.tensors().stream().map(Tensor::toFloats).toList();
        }
    }

    @OnEachDevice
    void aResumedRunIsTheSameBits(Device device) {
        Backend backend = device.backend();
        SgdConfig config = new SgdConfig(0.9, 0.01, true);
        try (Parameters whole = model(backend);
                Parameters resumed = model(backend);
                Sgd one = new Sgd(whole, config);
                Sgd first = new Sgd(resumed, config);
                Sgd second = new Sgd(resumed, config)) {
            for (int step = 1; step <= 4; step++) {
                step(one, backend, config, step, 1);
            }
            step(first, backend, config, 1, 1);
            step(first, backend, config, 2, 1);
            Map<String, HostTensor> state = first.toHost();
            assertEquals(
                    List.of("momentum_buffer/p1", "momentum_buffer/p37", "momentum_buffer/p4099"),
                    List.copyOf(state.keySet()));
            second.load(state);
            assertEquals(state, second.toHost());
            step(second, backend, config, 3, 1);
            step(second, backend, config, 4, 1);
            assertEquals(whole.toHost(), resumed.toHost());
        }
    }

    @Test
    void constantsThatMakeNoSense() {
        for (double momentum : new double[] {-0.1, 1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> SgdConfig.momentum(momentum));
        }
        var e = assertThrows(IllegalArgumentException.class, () -> new SgdConfig(0, 0, true));
        assertTrue(e.getMessage().contains("momentum, such as 0.9"), e::getMessage);
    }
}
