package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PowerAverageTest {
    /** Karras et al. 2024, section 3.1: the widths of their tracks. */
    @Test
    void gammaOfAWidth() {
        assertEquals(6.94, PowerAverage.ofStd(0.10).gamma(), 0.005);
        assertEquals(16.97, PowerAverage.ofStd(0.05).gamma(), 0.005);
        assertEquals(0, PowerAverage.ofStd(Math.sqrt(1.0 / 12)).gamma(), 1e-12);
    }

    @Test
    void widthOfThatGammaIsTheWidthAsked() {
        for (double std : new double[] {1e-4, 0.01, 0.03, 0.075, 0.2, 0.28, 0.2999}) {
            PowerAverage average = PowerAverage.ofStd(std);
            assertEquals(std, average.std(), 1e-13 * std);
            double g = average.gamma();
            double k = 1 / (std * std);
            double largest = g * g * g + 7 * g * g + 16 * g + 12;
            assertEquals(0, largest - k * (g + 1), 1e-12 * largest, "g^3 + 7g^2 + (16 - k)g + 12 - k");
        }
    }

    /** The times that an average holds, as updates make it: their mean and standard deviation are the closed forms. */
    @Test
    void updatesGiveThatWidth() {
        int steps = 200_000;
        PowerAverage average = PowerAverage.ofStd(0.05);
        double mean = 0;
        double square = 0;
        for (int step = 1; step <= steps; step++) {
            double beta = average.beta(step, 1);
            double time = (double) step / steps;
            mean = beta * mean + (1 - beta) * time;
            square = beta * square + (1 - beta) * time * time;
        }
        double g = average.gamma();
        assertEquals((g + 1) / (g + 2), mean, 1e-4);
        assertEquals(0.05, Math.sqrt(square - mean * mean), 1e-4);
    }

    /** With gamma 0 all parameters count alike: the mean of 1 .. n is (n + 1) / 2. */
    @Test
    void gammaZeroIsTheMean() {
        PowerAverage average = new PowerAverage(0);
        double mean = Double.MIN_VALUE; // the first beta is 0: what stood there does not count
        for (int step = 1; step <= 100; step++) {
            double beta = average.beta(128L * step, 128);
            mean = beta * mean + (1 - beta) * step;
        }
        assertEquals(50.5, mean, 1e-12);
    }

    @Test
    void refusesWhatHasNoGamma() {
        assertThrows(IllegalArgumentException.class, () -> PowerAverage.ofStd(0));
        assertThrows(IllegalArgumentException.class, () -> PowerAverage.ofStd(0.31));
        assertThrows(IllegalArgumentException.class, () -> PowerAverage.ofStd(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new PowerAverage(-1));
    }
}
