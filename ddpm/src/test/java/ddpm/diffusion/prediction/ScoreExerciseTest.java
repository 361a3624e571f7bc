package ddpm.diffusion.prediction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.Named;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.weighting.MinSnr;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** Exercise of docs/02-what-the-network-learns.md. */
class ScoreExerciseTest {
    @Disabled("an exercise: remove this line once score is in Predictions.ALL")
    @Test
    void yours() {
        assertIsTheScore(Named.find(Predictions.ALL, "prediction", "score"));
    }

    @Test
    void answer() {
        assertIsTheScore(new AnswerScore());
    }

    private static void assertIsTheScore(Prediction score) {
        Prediction.Coefficients p = score.at(0.6, 0.8);
        assertEquals(1 / 0.6, p.a(), 1e-12);
        assertEquals(0.64 / 0.6, p.b(), 1e-12);
        assertEquals(0, p.c());
        assertEquals(-1.25, p.d(), 1e-12);

        Schedule s = ScheduleConfig.reference().schedule();
        assertEquals(-100, score.at(s.signal(0), s.noise(0)).d(), 1e-9, "target of eps = 1 at t = 0");
        for (int t : new int[] {0, 100, 500, 999}) {
            double weight = new MinSnr(10_000).of(s, score.at(s.signal(t), s.noise(t)), t);
            double want = s.noise(t) * s.noise(t);
            assertEquals(want, weight, 1e-9 * want, "the weight that makes it the loss of eps, t=" + t);
        }
        assertTrue(score.unfit(new Linear(10, 0.1, 0.2, true).schedule()).contains("take v"));
    }
}
