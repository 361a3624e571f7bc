package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.io.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.testing.Golden;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class NoiseScheduleTest {
    private static final Map<String, HostTensor> GOLDEN = Golden.tensors("scheduler.safetensors");
    private static final NoiseSchedule SCHEDULE = new NoiseSchedule(ScheduleConfig.reference());

    /** Against the same formulas in double: both round each of at most T = 1000 products. */
    @Test
    void tablesAreTheReferences() {
        check("betas", SCHEDULE::beta);
        check("alphas", SCHEDULE::alpha);
        check("alphas_cumprod", SCHEDULE::alphaCumprod);
        check("sqrt_alphas_cumprod", SCHEDULE::signal);
        check("sqrt_one_minus_alphas_cumprod", SCHEDULE::noise);
    }

    private static void check(String name, IntToDoubleFunction of) {
        double[] want = GOLDEN.get(name + "_f64").toDoubles();
        float[] single = GOLDEN.get(name).toFloats();
        assertEquals(want.length, SCHEDULE.timesteps());
        for (int t = 0; t < want.length; t++) {
            assertEquals(want[t], of.applyAsDouble(t), 1000 * 0x1p-53, name + " at " + t);
            assertEquals(single[t], of.applyAsDouble(t), 2e-6, name + " at " + t);
        }
    }

    @Test
    void theFirstStepAddsNoNoiseGoingBack() {
        assertEquals(1, SCHEDULE.alphaCumprod(-1));
        assertEquals(0, SCHEDULE.posteriorVariance(0));
        for (int t : new int[] {1, 500, 999}) {
            double sigma = GOLDEN.get("step/t" + t + "/sigma").toFloats()[0];
            assertEquals(sigma * sigma, SCHEDULE.posteriorVariance(t), 1e-6, "t=" + t);
        }
    }

    @Test
    void aScheduleThatLeavesNothingIsRefused() {
        var e = assertThrows(
                IllegalArgumentException.class, () -> new NoiseSchedule(new ScheduleConfig(100_000, 1e-4, 0.02)));
        assertTrue(e.getMessage().contains("lower beta_end or timesteps"), e.getMessage());
    }

    @OnEachDevice
    void qSampleIsTheReferences(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor xt = SCHEDULE.qSample(scope)
                    .apply(
                            Golden.device(scope, GOLDEN.get("add_noise/x0")),
                            Golden.timesteps(scope, GOLDEN.get("add_noise/t")),
                            Golden.device(scope, GOLDEN.get("add_noise/noise")));
            Golden.assertClose("xt", GOLDEN.get("add_noise/xt").toFloats(), Golden.host(xt), 1e-5);
        }
    }
}
