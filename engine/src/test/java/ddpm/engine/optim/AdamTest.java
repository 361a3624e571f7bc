package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Init;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

class AdamTest {
    private static final int[] SIZES = {1, 37, 4099};
    private static final double LR = 3e-2;

    private static Parameters model(Backend backend) {
        Parameters p = new Parameters(backend, 4);
        for (int n : SIZES) {
            p.create("p" + n, Shape.of(n), Init.uniform(1));
        }
        return p;
    }

    /** A gradient of very different sizes, exact in float32. */
    private static float[] gradient(int n, int step) {
        float[] g = new float[n];
        for (int i = 0; i < n; i++) {
            g[i] = (float) (Math.sin(i * 0.7 + step) * Math.pow(10, i % 9 - 6));
        }
        return g;
    }

    private static List<Tensor> gradients(Scope scope, int step) {
        return Arrays.stream(SIZES)
                .mapToObj(n -> scope.tensor(Shape.of(n), gradient(n, step)))
                .toList();
    }

    /** The numbers of update {@code step}, from 1, and the scale that clipping would have found. */
    private static StepMemory memory(Backend backend, AdamConfig config, int step, double lr, float scale) {
        StepMemory memory = new StepMemory(backend, 1);
        memory.write(config.numbers(step - 1, 0, lr));
        backend.memory().upload(new float[] {0, scale, 1, 0}, memory.state().buffer());
        return memory;
    }

    private static void step(Adam adam, Scope scope, int step) {
        try (StepMemory memory = memory(scope.backend(), AdamConfig.adam(), step, LR, 1)) {
            adam.step(gradients(scope, step), memory);
        }
    }

    @OnEachDevice
    void adam(Device device) {
        check(device.backend(), AdamConfig.adam(), 1f);
        check(device.backend(), AdamConfig.adam(), 0.25f);
    }

    @OnEachDevice
    void adamWithDecayThroughTheGradient(Device device) {
        check(device.backend(), new AdamConfig(0.8, 0.9, 1e-6, 0.1, false), 0.5f);
    }

    @OnEachDevice
    void adamW(Device device) {
        check(device.backend(), AdamConfig.adamW(), 1f);
        check(device.backend(), new AdamConfig(0.8, 0.9, 1e-6, 0.5, true), 0.5f);
    }

    /**
     * Five steps against the class comment's formulas in double. Each step rounds p (at most 2) a few times, and its
     * update of about lr to a few parts in 2^24.
     */
    private static void check(Backend backend, AdamConfig config, float scale) {
        try (Parameters parameters = model(backend);
                Adam adam = new Adam(parameters, config)) {
            Reference[] references = new Reference[SIZES.length];
            for (int k = 0; k < SIZES.length; k++) {
                references[k] = new Reference(parameters.tensors().get(k).toFloats());
            }
            for (int step = 1; step <= 5; step++) {
                double lr = LR / step;
                try (Scope scope = Scope.on(backend);
                        StepMemory memory = memory(backend, config, step, lr, scale)) {
                    adam.step(gradients(scope, step), memory);
                }
                for (int k = 0; k < SIZES.length; k++) {
                    references[k].step(config, gradient(SIZES[k], step), lr, scale, step);
                    float[] got = parameters.tensors().get(k).toFloats();
                    for (int i = 0; i < got.length; i++) {
                        double tolerance = step * 0x1p-24 * (2 * Math.abs(references[k].p[i]) + 16 * LR);
                        assertEquals(references[k].p[i], got[i], tolerance, where(config, step, i));
                    }
                }
            }
        }
    }

    private static Supplier<String> where(AdamConfig config, int step, int i) {
        return () -> config + " step " + step + " element " + i;
    }

    /** Those that decay move as alone with a decay, the others as alone without one, bit for bit. */
    @OnEachDevice
    void onlySomeDecay(Device device) {
        for (boolean decoupled : new boolean[] {false, true}) {
            AdamConfig with = new AdamConfig(0.9, 0.99, 1e-8, 0.3, decoupled);
            AdamConfig without = new AdamConfig(0.9, 0.99, 1e-8, 0, decoupled);
            List<float[]> decayed = after(device.backend(), with, p -> true);
            List<float[]> undecayed = after(device.backend(), without, p -> true);
            List<float[]> some = after(device.backend(), with, p -> p.name().equals("p37"));
            for (int k = 0; k < SIZES.length; k++) {
                assertArrayEquals(SIZES[k] == 37 ? decayed.get(k) : undecayed.get(k), some.get(k));
                assertFalse(Arrays.equals(decayed.get(k), undecayed.get(k)));
            }
        }
    }

    private static List<float[]> after(Backend backend, AdamConfig config, Predicate<Parameter> decays) {
        try (Parameters parameters = model(backend);
                Adam adam = new Adam(parameters, config, decays);
                Scope scope = Scope.on(backend)) {
            for (int step = 1; step <= 2; step++) {
                try (StepMemory memory = memory(backend, config, step, LR, 1)) {
                    adam.step(gradients(scope, step), memory);
                }
            }
            return parameters.tensors().stream().map(Tensor::toFloats).toList();
        }
    }

    private static final class Reference {
        private final double[] p;
        private final double[] m;
        private final double[] v;

        Reference(float[] start) {
            p = new double[start.length];
            m = new double[start.length];
            v = new double[start.length];
            for (int i = 0; i < start.length; i++) {
                p[i] = start[i];
            }
        }

        void step(AdamConfig c, float[] grad, double lr, double scale, int step) {
            for (int i = 0; i < p.length; i++) {
                double g = grad[i] * scale + (c.decoupled() ? 0 : c.weightDecay() * p[i]);
                if (c.decoupled()) {
                    p[i] -= lr * c.weightDecay() * p[i];
                }
                m[i] = c.beta1() * m[i] + (1 - c.beta1()) * g;
                v[i] = c.beta2() * v[i] + (1 - c.beta2()) * g * g;
                double mean = m[i] / (1 - Math.pow(c.beta1(), step));
                double square = v[i] / (1 - Math.pow(c.beta2(), step));
                p[i] -= lr * mean / (Math.sqrt(square) + c.eps());
            }
        }
    }

    @OnEachDevice
    void aResumedRunIsTheSameBits(Device device) {
        Backend backend = device.backend();
        try (Parameters whole = model(backend);
                Parameters resumed = model(backend);
                Adam one = new Adam(whole, AdamConfig.adam());
                Adam first = new Adam(resumed, AdamConfig.adam());
                Adam second = new Adam(resumed, AdamConfig.adam());
                Scope scope = Scope.on(backend)) {
            for (int step = 1; step <= 4; step++) {
                step(one, scope, step);
            }
            step(first, scope, 1);
            step(first, scope, 2);
            Map<String, HostTensor> state = first.toHost();
            assertEquals(List.of("exp_avg/p1", "exp_avg/p37", "exp_avg/p4099", "exp_avg_sq/p1"), names(state, 4));
            second.load(state);
            assertEquals(state, second.toHost());
            step(second, scope, 3);
            step(second, scope, 4);
            assertEquals(whole.toHost(), resumed.toHost());
        }
    }

    private static List<String> names(Map<String, HostTensor> state, int n) {
        return state.keySet().stream().limit(n).toList();
    }

    /** After one step: (1 - beta1) * g and (1 - beta2) * g^2. */
    @OnEachDevice
    void momentsHaveTheirNames(Device device) {
        try (Parameters parameters = model(device.backend());
                Adam adam = new Adam(parameters, AdamConfig.adam());
                Scope scope = Scope.on(device.backend())) {
            step(adam, scope, 1);
            double g = gradient(1, 1)[0];
            assertEquals(0.1 * g, adam.toHost().get("exp_avg/p1").toFloats()[0], 1e-6 * Math.abs(g));
            assertEquals(0.001 * g * g, adam.toHost().get("exp_avg_sq/p1").toFloats()[0], 1e-6 * g * g);
        }
    }

    @OnEachDevice
    void aParameterWithoutAGradientIsAnError(Device device) {
        try (Parameters parameters = new Parameters(device.backend(), 0);
                Adam adam = new Adam(parameters, AdamConfig.adam());
                StepMemory memory = new StepMemory(device.backend(), 1);
                Scope scope = Scope.recording(device.backend())) {
            Linear used = new Linear(parameters, "used", 2, 2);
            parameters.create("unused", Shape.of(3), Init.constant(0));
            Gradients g = scope.tape()
                    .backward(used.forward(scope.zeros(Shape.of(1, 2))).sum());
            var e = assertThrows(TensorException.class, () -> adam.step(g, memory));
            assertTrue(e.getMessage().contains("no gradient for tensor [3]"), e.getMessage());
        }
    }
}
