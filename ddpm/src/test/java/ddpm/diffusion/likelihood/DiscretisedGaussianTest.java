package ddpm.diffusion.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DiscretisedGaussianTest {
    private static double level(int i) {
        return (float) (i / 127.5 - 1);
    }

    /** Bins touch and the outer ones reach to infinity; 256 times 1e-12 is what the least probability may add. */
    @ParameterizedTest
    @EnumSource
    void probabilitiesOfAllLevelsSumToOne(NormalCdf cdf) {
        DiscretisedGaussian gaussian = new DiscretisedGaussian(cdf);
        for (double mean : new double[] {-1.5, -0.999, 0, 0.1234, 0.9}) {
            for (double sd : new double[] {0.003, 0.05, 1, 30}) {
                double sum = 0;
                for (int i = 0; i < 256; i++) {
                    sum += Math.exp(gaussian.logProbability(level(i), mean, Math.log(sd)));
                }
                assertEquals(
                        1, sum, 2e-5, "mean " + mean + ", sd " + sd); // levels are rounded to float: bins miss 1e-7
            }
        }
    }

    /** A bin that is narrow beside the Gaussian has the density times 2/255, but for a share of (2/255 / sd)^2 / 24. */
    @Test
    void isTheDensityTimesTheBin() {
        double sd = 0.5;
        double x = level(140);
        double density = Math.exp(-x * x / (2 * sd * sd)) / (sd * Math.sqrt(2 * Math.PI));
        double log = new DiscretisedGaussian(NormalCdf.EXACT).logProbability(x, 0, Math.log(sd));
        assertEquals(Math.log(density * 2 / 255), log, 1.1e-5);
    }

    /** P(Z > 6) = 9.8659e-10 and P(Z > 8) = 6.2e-16, which is less than the least. */
    @Test
    void tailsAreExactDownToTheLeast() {
        DiscretisedGaussian gaussian = new DiscretisedGaussian(NormalCdf.EXACT);
        double sd = 0.01;
        assertEquals(Math.log(9.865876e-10), gaussian.logProbability(1, 1 - 1.0 / 255 - 6 * sd, Math.log(sd)), 1e-6);
        assertEquals(Math.log(1e-12), gaussian.logProbability(1, 1 - 1.0 / 255 - 8 * sd, Math.log(sd)), 1e-12);
        assertEquals(Math.log(1e-12), gaussian.logProbability(0, 1, Math.log(sd)), 1e-12);
    }

    @Test
    void tanhIsNearTheDistributionFunction() {
        double worst = 0;
        for (double z = -8; z <= 8; z += 1e-3) {
            worst = Math.max(worst, Math.abs(NormalCdf.TANH.below(z) - NormalCdf.EXACT.below(z)));
            assertEquals(1, NormalCdf.TANH.below(z) + NormalCdf.TANH.above(z), 1e-15);
        }
        assertTrue(worst > 1e-4 && worst < 2e-4, "the comment says 2e-4 at most, it is " + worst);
    }
}
