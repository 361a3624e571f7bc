package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.diffusion.schedule.ScheduleConfig;
import org.junit.jupiter.api.Test;

class PosteriorTest {
    /** Ho et al. 2020, equation 7, in their symbols. */
    @Test
    void isThatOfThePaper() {
        BetaSchedule schedule = ScheduleConfig.reference().schedule();
        for (int t : new int[] {1, 2, 500, 999}) {
            double abar = schedule.alphaCumprod(t);
            double before = schedule.alphaCumprod(t - 1);
            double beta = schedule.beta(t);
            Posterior p = Posterior.at(schedule, t);
            assertEquals(Math.sqrt(before) * beta / (1 - abar), p.x0(), 1e-11);
            assertEquals(Math.sqrt(1 - beta) * (1 - before) / (1 - abar), p.x(), 1e-11);
            assertEquals(beta * (1 - before) / (1 - abar), p.variance(), 1e-11 * beta);
            assertEquals(beta, p.beta(), 1e-11 * beta);
        }
    }

    @Test
    void endsInTheImage() {
        Posterior p = Posterior.at(ScheduleConfig.reference().schedule(), 0);
        assertEquals(1, p.x0());
        assertEquals(0, p.x());
        assertEquals(0, p.variance());
        assertEquals(1e-4, p.beta(), 1e-16);
    }

    /** A straight line through (x_0, x_t): with sigma 2 and 1 the product of N(x_0, 1) and N(x_t, 3) is N(3/4, 1/4), 3/4. */
    @Test
    void ofAProcessThatKeepsTheImage() {
        Posterior p = Posterior.between(1, 2, 1, 1);
        assertEquals(0.75, p.x0());
        assertEquals(0.25, p.x());
        assertEquals(0.75, p.variance());
        assertEquals(3, p.beta());
    }
}
