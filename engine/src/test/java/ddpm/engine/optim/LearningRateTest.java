package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void constant() {
        assertEquals(3e-4, LearningRate.constant(3e-4).at(1));
        assertEquals(3e-4, LearningRate.constant(3e-4).at(1_000_000));
    }

    @Test
    void cosineFallsToZeroAfterTheLastStep() {
        LearningRate rate = LearningRate.cosine(2, 100);
        assertEquals(2, rate.at(1));
        assertEquals(1, rate.at(51), 1e-12);
        assertEquals(1 + Math.sqrt(0.5), rate.at(26), 1e-12);
        assertTrue(rate.at(100) > 0 && rate.at(100) < 1e-3);
        assertEquals(0, rate.at(101), 1e-12);
        assertEquals(0, rate.at(500), 1e-12);
    }

    @Test
    void warmUpRisesToTheRateAndThenItBegins() {
        LearningRate rate = LearningRate.cosine(2, 100).after(10);
        assertEquals(0.2, rate.at(1), 1e-12);
        assertEquals(1.0, rate.at(5), 1e-12);
        assertEquals(2, rate.at(10), 1e-12);
        assertEquals(2, rate.at(11), 1e-12);
        assertEquals(1, rate.at(61), 1e-12);
        assertEquals(2, LearningRate.constant(2).after(0).at(1));
    }

    @Test
    void halfACycleIsTheCosineAndThenItRises() {
        LearningRate half = LearningRate.cosine(2, 100, 0.5);
        for (int step = 1; step <= 101; step++) {
            assertEquals(LearningRate.cosine(2, 100).at(step), half.at(step), 1e-12);
        }
        assertEquals(half.at(91), half.at(111), 1e-12);
    }

    @Test
    void wholeCyclesReturnToTheRate() {
        LearningRate rate = LearningRate.cosine(2, 100, 2);
        assertEquals(2, rate.at(1), 1e-12);
        assertEquals(0, rate.at(26), 1e-12);
        assertEquals(2, rate.at(51), 1e-12);
        assertEquals(2, rate.at(64) + rate.at(89), 1e-12, "half a cycle apart they add up to the rate");
        assertEquals(2, rate.at(101), 1e-12);
    }
}
