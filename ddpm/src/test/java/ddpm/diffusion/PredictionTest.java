package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.config.Named;
import ddpm.diffusion.prediction.EdmPreconditioning;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.Predictions;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.prediction.Velocity;
import ddpm.diffusion.prediction.X0;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.schedule.Schedules;
import ddpm.diffusion.weighting.EdmWeighting;
import ddpm.diffusion.weighting.MinSnr;
import ddpm.diffusion.weighting.P2;
import ddpm.diffusion.weighting.Simple;
import ddpm.diffusion.weighting.Vlb;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The coefficients of predictions, and the weights of their errors. */
class PredictionTest {
    private static final double[][] LEVELS = {{0.999, 0.0447}, {0.6, 0.8}, {0.02, 0.9998}, {1, 3}, {0.3, 0.7}};

    static final List<Named<Prediction>> ALL = Predictions.ALL;

    /** A network that outputs the target gives back the image, at every level of every process. */
    @ParameterizedTest
    @FieldSource("ALL")
    void theTargetLeadsBackToTheImage(Named<Prediction> named) {
        for (double[] level : LEVELS) {
            Prediction.Coefficients p = named.value().at(level[0], level[1]);
            for (double x0 : new double[] {-1, 0.3}) {
                for (double eps : new double[] {-2, 0.7}) {
                    double x = level[0] * x0 + level[1] * eps;
                    double target = p.c() * x0 + p.d() * eps;
                    assertEquals(x0, p.a() * x + p.b() * target, 1e-9, named.name() + " at " + level[1]);
                }
            }
        }
    }

    @Test
    void targetsAreWhatTheirNamesSay() {
        assertEquals(new Prediction.Coefficients(1 / 0.6, -0.8 / 0.6, 0, 1, 1), new Eps().at(0.6, 0.8));
        assertEquals(new Prediction.Coefficients(0, 1, 1, 0, 1), new X0().at(0.6, 0.8));
        Prediction.Coefficients v = new V().at(0.6, 0.8);
        assertEquals(-0.8, v.c(), 1e-15);
        assertEquals(0.6, v.d(), 1e-15);
        Prediction.Coefficients flow = new Velocity().at(0.3, 0.7);
        assertEquals(1, flow.a(), 1e-15);
        assertEquals(-0.7, flow.b(), 1e-15);
        assertEquals(-1, flow.c());
        assertEquals(1, flow.d());
    }

    /** Karras et al. 2022, section 5: with data of that deviation, input and target have variance 1 at all levels. */
    @Test
    void edmNormalisesInputAndTarget() {
        for (double[] level : LEVELS) {
            Prediction.Coefficients p = new EdmPreconditioning(0.5).at(level[0], level[1]);
            double x = level[0] * level[0] * 0.25 + level[1] * level[1];
            assertEquals(1, p.input() * p.input() * x, 1e-12);
            assertEquals(1, p.c() * p.c() * 0.25 + p.d() * p.d(), 1e-12);
        }
    }

    @Test
    void whatSaysNothingAboutTheImageIsRefused() {
        Schedule noise = new Linear(10, 0.1, 0.2, true).schedule();
        Schedule some = new Linear(10, 0.1, 0.2, false).schedule();
        assertTrue(new Eps().unfit(noise).contains("take v"));
        assertTrue(new EdmPreconditioning(0.5).unfit(noise).contains("take v"));
        for (Named<Prediction> named : ALL) {
            assertTrue(named.value().unfit(some).isEmpty(), named.name());
        }
        assertTrue(new V().unfit(noise).isEmpty());
    }

    /** Hang et al. 2023: min(SNR, gamma) for x0, divided by SNR for eps, by SNR + 1 for v. */
    @Test
    void minSnrIsRightForEachPrediction() {
        Schedule s = new Linear(1000, 1e-4, 0.02, false).schedule();
        for (int t : new int[] {0, 100, 300, 999}) {
            double snr = Weighting.snr(s, t);
            double want = Math.min(snr, 5);
            assertEquals(want, weight(new MinSnr(5), s, new X0(), t), 1e-9 * want);
            assertEquals(want / snr, weight(new MinSnr(5), s, new Eps(), t), 1e-9);
            assertEquals(want / (snr + 1), weight(new MinSnr(5), s, new V(), t), 1e-9);
            assertEquals(1 / (1 + snr), weight(new P2(1, 1), s, new Eps(), t), 1e-12);
            assertEquals(1, weight(new Simple(), s, new Eps(), t));
        }
    }

    /** With its own preconditioning the weight of EDM is 1 for F. */
    @Test
    void edmWeighsFAlike() {
        for (Named<ScheduleConfig> kind : Schedules.ALL) {
            Schedule s = kind.value().schedule();
            if (!s.endsInNoise()) {
                assertEquals(1, weight(new EdmWeighting(0.5), s, new EdmPreconditioning(0.5), 400), 1e-9, kind.name());
            }
        }
    }

    /** Ho et al. 2020, equation 12: beta^2 / (2 sigma^2 alpha (1 - abar)) for eps, sigma^2 the posterior variance. */
    @Test
    void vlbIsEquationTwelve() {
        var s = new Linear(1000, 1e-4, 0.02, false).schedule();
        for (int t : new int[] {1, 50, 999}) {
            double abar = s.alphaCumprod(t);
            double posterior = (1 - s.alphaCumprod(t - 1)) / (1 - abar) * s.beta(t);
            double want = s.beta(t) * s.beta(t) / (2 * posterior * s.alpha(t) * (1 - abar));
            assertEquals(want, weight(new Vlb(), s, new Eps(), t), 1e-6 * want, "t=" + t);
        }
        assertTrue(new Vlb().normalised());
        assertFalse(new Simple().normalised());
    }

    private static double weight(Weighting weighting, Schedule s, Prediction prediction, int t) {
        return weighting.of(s, prediction.at(s.signal(t), s.noise(t)), t);
    }
}
