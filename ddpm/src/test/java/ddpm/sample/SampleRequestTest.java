package ddpm.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.DeviceChoice;
import ddpm.UserError;
import ddpm.diffusion.ScheduleConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SampleRequestTest {
    private static final SampleConfig RUN = new SampleConfig("ddim", 20, 0.5, "leading", false, 64);

    private static SampleConfig sampling(String sampler, Integer steps, Double eta, SampleConfig run) {
        Path here = Path.of("x");
        var request = new SampleRequest(
                here, true, 9, 0, 64, sampler, steps, eta, here, null, null, null, DeviceChoice.CPU, 0);
        return request.sampling(run, ScheduleConfig.reference());
    }

    @Test
    void whatWasNotAskedForIsAsInTheRun() {
        assertEquals(new SampleConfig("ddim", 20, 0.5, "leading", false, 9), sampling(null, null, null, RUN));
        assertEquals(new SampleConfig("ddim", 30, 0, "leading", false, 9), sampling("ddim", 30, 0.0, RUN));
    }

    @Test
    void ddpmTakesAllSteps() {
        SampleConfig ddpm = sampling("ddpm", null, null, RUN);
        assertEquals(1000, ddpm.steps());

        assertEquals(1000, sampling(null, null, null, ddpm).steps());
        assertEquals(100, sampling("ddim", null, null, ddpm).steps());

        var error = assertThrows(UserError.class, () -> sampling("ddpm", 50, null, RUN));
        assertTrue(error.getMessage().contains("the ddpm sampler takes all 1000 steps, got 50"), error.getMessage());
        assertTrue(error.getMessage().contains("--sample-steps"), error.getMessage());
    }

    @Test
    void notMoreStepsThanTheScheduleHas() {
        var error = assertThrows(UserError.class, () -> sampling("ddim", 1001, null, RUN));
        assertEquals(UserError.USAGE, error.exitCode());
    }
}
