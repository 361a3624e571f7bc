package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Init;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Shape;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;

class EmaTest {
    private static final int N = 1001;
    private static final int WHICH = 3; // of several averages

    private static Parameters model(Backend backend) {
        Parameters p = new Parameters(backend, 4);
        p.create("a", Shape.of(N), Init.uniform(1));
        p.create("b", Shape.of(3, 2), Init.uniform(1));
        return p;
    }

    /** The parameters as training would leave them after a step. */
    private static void change(Parameters p, int step) {
        float[] v = p.tensors().get(0).toFloats();
        for (int i = 0; i < N; i++) {
            v[i] = (float) Math.cos(step * 1.3 + i);
        }
        p.backend().memory().upload(v, p.tensors().get(0).buffer());
    }

    private static void update(Ema ema, Backend backend, int updates) {
        try (StepMemory memory = new StepMemory(backend, 1)) {
            memory.write(AdamConfig.adam().numbers(0, 0, 0, 1, 1, 1, ema.rest(updates)));
            ema.update(memory);
        }
    }

    @OnEachDevice
    void followsTheFormula(Device device) {
        check(device.backend(), 0.9, false);
        check(device.backend(), 0.3, true); // the warm-up 1/10, 2/11, 3/12 passes 0.3 at the fourth
    }

    /** Each update rounds to float32 at values of at most 1. */
    private static void check(Backend backend, double decay, boolean warmUp) {
        try (Parameters p = model(backend);
                Ema ema = new Ema(p, WHICH, warmUp ? Ema.Decay.warmedUp(decay) : Ema.Decay.constant(decay))) {
            double[] want = new double[N];
            float[] start = p.tensors().get(0).toFloats();
            for (int i = 0; i < N; i++) {
                want[i] = start[i];
            }
            for (int step = 0; step < 8; step++) {
                change(p, step);
                update(ema, backend, step);
                float[] now = p.tensors().get(0).toFloats();
                double d = warmUp ? Math.min(decay, (1.0 + step) / (10.0 + step)) : decay;
                for (int i = 0; i < N; i++) {
                    want[i] = d * want[i] + (1 - d) * now[i];
                }
            }
            float[] got = ema.toHost().get("a").toFloats();
            for (int i = 0; i < N; i++) {
                assertEquals(want[i], got[i], 8 * 3 * 0x1p-24, "element " + i);
            }
        }
    }

    @OnEachDevice
    void theModelTakesTheAverageAndGivesItBack(Device device) {
        try (Parameters p = model(device.backend());
                Ema ema = new Ema(p, WHICH, Ema.Decay.constant(0.9))) {
            change(p, 1);
            update(ema, device.backend(), 0);
            var weights = p.toHost();
            var averages = ema.toHost();
            assertEquals(averages, ema.averaged(p::toHost));
            assertEquals(weights, p.toHost());
            assertEquals(averages, ema.toHost());
            assertThrows(ArithmeticException.class, () -> ema.averaged(() -> 1 / (weights.size() - 2)));
            assertEquals(weights, p.toHost(), "also after a failure");
            assertThrows(IllegalStateException.class, () -> ema.averaged(ema::toHost));
        }
    }

    @OnEachDevice
    void aResumedAverageIsTheSameBits(Device device) {
        try (Parameters p = model(device.backend());
                Ema whole = new Ema(p, WHICH, Ema.Decay.warmedUp(0.999))) {
            change(p, 1);
            update(whole, device.backend(), 0);
            try (Ema resumed = new Ema(p, WHICH, Ema.Decay.warmedUp(0.999))) {
                resumed.load(whole.toHost());
                change(p, 2);
                update(whole, device.backend(), 1);
                update(resumed, device.backend(), 1);
                assertArrayEquals(
                        whole.toHost().get("a").toFloats(),
                        resumed.toHost().get("a").toFloats());
            }
        }
    }
}
