package ddpm.verify.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Schedule;
import ddpm.diffusion.schedule.ScheduleConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToleranceTest {
    private static Check check(int t, double difference) {
        Schedule schedule = ScheduleConfig.reference().schedule();
        return Check.of(
                "x0_pred",
                new double[] {0.5, 0.25},
                new double[] {0.5, 0.25 + difference},
                Tolerance.dividedBy(schedule.signal(t)));
    }

    /** 1 / sqrt(alphas_cumprod[999]) is 157: a rounding of 1e-6 before the division is 1.6e-4 after it. */
    @Test
    void growsWithTheDivision() {
        assertTrue(check(999, 1.5e-3).ok());
        assertFalse(check(999, 1.6e-3).ok());
        assertTrue(check(0, 0.99e-5).ok());
        assertFalse(check(0, 1.1e-5).ok(), "hardly divided by anything");
    }

    @Test
    void saysSoInTheTable() {
        Check at = check(999, 1e-4);
        assertEquals("1.6e-03", at.tolerance());
        assertEquals(
                List.of("tolerance: 1.0e-05 / sqrt(alphas_cumprod), here 0.00635, by which the result was divided"),
                at.notes());
        assertEquals(2, check(999, 1).notes().size(), "and which element is off");
    }
}
