package ddpm.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.DeviceChoice;
import ddpm.UserError;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.train.checkpoint.WeightsChoice;
import ddpm.train.settings.SampleConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleRequestTest {
    private static final SampleConfig RUN = new SampleConfig("ddim", 20, 0.5, 0, "leading", false, 0, 64);

    private static SampleRequest request(String sampler, Integer steps, Double eta, Double churn, Double threshold) {
        Path here = Path.of("x");
        return new SampleRequest(
                here,
                WeightsChoice.EMA,
                9,
                0,
                64,
                sampler,
                steps,
                null,
                eta,
                churn,
                threshold,
                "fp32",
                ClassRequest.NONE,
                EditRequest.NONE,
                here,
                null,
                null,
                null,
                DeviceChoice.CPU,
                0);
    }

    private static SampleConfig sampling(String sampler, Integer steps, Double eta, SampleConfig run) {
        return request(sampler, steps, eta, null, null).sampling(run, ScheduleConfig.reference());
    }

    @Test
    void whatWasNotAskedForIsAsInTheRun() {
        assertEquals(new SampleConfig("ddim", 20, 0.5, 0, "leading", false, 0, 9), sampling(null, null, null, RUN));
        assertEquals(new SampleConfig("ddim", 30, 0, 0, "leading", false, 0, 9), sampling("ddim", 30, 0.0, RUN));
    }

    @Test
    void ddpmAloneTakesAllStepsAndFewerIfToldSo() {
        SampleConfig ddpm = sampling("ddpm", null, null, RUN);
        assertEquals(1000, ddpm.steps());

        assertEquals(1000, sampling(null, null, null, ddpm).steps());
        assertEquals(100, sampling("ddim", null, null, ddpm).steps());
        assertEquals(50, sampling("ddpm", 50, null, RUN).steps());
    }

    @Test
    void notMoreStepsThanTheScheduleHas() {
        var error = assertThrows(UserError.class, () -> sampling("ddim", 1001, null, RUN));
        assertEquals(UserError.USAGE, error.exitCode());
        assertTrue(error.getMessage().contains("--sample-steps"), error.getMessage());
    }

    /** A method that needs an earlier step cannot do without one. */
    @Test
    void notFewerStepsThanTheMethodNeeds() {
        var error = assertThrows(UserError.class, () -> sampling("dpmpp_2m", 1, null, RUN));
        assertTrue(error.getMessage().contains("dpmpp_2m needs at least 2 steps, got 1"), error.getMessage());
        assertEquals(1, sampling("ddim", 1, null, RUN).steps());
    }

    @Test
    void optionsWithoutEffectAreNamed() {
        SampleRequest all = request("plms", 20, 0.5, 3.0, 0.9);
        assertEquals(
                List.of("--eta", "--churn", "--threshold"), all.unused(all.sampling(RUN, ScheduleConfig.reference())));
        SampleRequest heun = request("heun", 20, 0.5, 3.0, 0.9);
        assertEquals(List.of("--eta"), heun.unused(heun.sampling(RUN, ScheduleConfig.reference())));
    }
}
