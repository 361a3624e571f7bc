package ddpm.diffusion.weighting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Weighting;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.prediction.X0;
import ddpm.diffusion.schedule.Linear;
import org.junit.jupiter.api.Test;

/** Where nothing of the image is left, the SNR is 0. */
class WeightingAtZeroTest {
    private static final Schedule LOST = new Linear(100, 1e-3, 0.2, true).schedule();

    private static double weight(Weighting weighting, Prediction prediction) {
        return weighting.of(LOST, prediction.at(LOST.signal(99), LOST.noise(99)), 99);
    }

    @Test
    void minSnrIsOneForEveryPrediction() {
        assertEquals(1, weight(new MinSnr(5), new V()));
        assertEquals(1, weight(new MinSnr(5), new X0()));
        assertEquals(1, weight(new MinSnr(5), new Eps()));
    }

    /** (k + 0)^-gamma for the error of eps; v and x0 say nothing about eps there that could be wrong. */
    @Test
    void p2IsThatOfItsFormula() {
        assertEquals(0.25, weight(new P2(2, 2), new Eps()), 1e-15);
        assertEquals(0, weight(new P2(2, 2), new V()), 1e-15);
        assertEquals(0, weight(new P2(2, 2), new X0()), 1e-15);
    }
}
