package ddpm.diffusion.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.Named;
import ddpm.config.Problems;
import ddpm.diffusion.Schedule;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** Exercise of docs/01-forward-process.md. */
class LogSnrExerciseTest {
    @Disabled("an exercise: remove this line once log_snr is in Schedules.ALL")
    @Test
    void yours() {
        assertFallsInAStraightLine(Named.find(Schedules.ALL, "schedule", "log_snr"));
    }

    @Test
    void answer() {
        assertFallsInAStraightLine(new AnswerLogSnr(1000, 10, -10));
    }

    private static void assertFallsInAStraightLine(ScheduleConfig config) {
        Problems problems = new Problems();
        config.check(problems);
        assertTrue(problems.isEmpty(), problems.found().toString());
        Schedule s = config.schedule();
        assertEquals(1000, s.timesteps());
        for (int t = 0; t < 1000; t++) {
            assertEquals(10 - 20.0 * t / 999, -2 * Math.log(s.sigma(t)), 1e-9, "log SNR at " + t);
            assertEquals(1, s.signal(t) * s.signal(t) + s.noise(t) * s.noise(t), 1e-12);
        }
        // sigma is a straight line between whole t, which costs a little
        assertEquals(499.5, s.atSigma(1), 0.01);
        double beta = 1 - Math.pow(s.signal(999) / s.signal(998), 2);
        assertEquals(0.019820, beta, 1e-6);
    }
}
