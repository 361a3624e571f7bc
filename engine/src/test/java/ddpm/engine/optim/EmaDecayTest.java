package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class EmaDecayTest {
    @Test
    void theFirstUpdateTakesTheParameters() {
        assertEquals(0, EmaDecay.of(0.9999, EmaDecay.COUNTED).at(1));
        assertEquals(0, EmaDecay.of(0.9999, EmaDecay.power(1, 0.75)).at(1));
        assertEquals(
                0, new EmaDecay(0.9999, 0.5, 0, EmaDecay.COUNTED).at(1), "the least decay counts from the second on");
    }

    @Test
    void risesByCountToItsLimit() {
        EmaDecay decay = EmaDecay.of(0.9, EmaDecay.COUNTED);
        assertEquals(2.0 / 11, decay.at(2), 1e-15);
        assertEquals(0.5, decay.at(9), 1e-15); // (1 + 8) / (10 + 8)
        assertEquals(0.9, decay.at(81), 1e-15);
        assertEquals(0.9, decay.at(1_000_000));
    }

    @Test
    void risesByPower() {
        EmaDecay decay = EmaDecay.of(0.9999, EmaDecay.power(2, 0.5));
        assertEquals(1 - 1 / Math.sqrt(1.5), decay.at(2), 1e-15);
        assertEquals(0.8, decay.at(49), 1e-15); // 1 - (1 + 48 / 2)^-1/2
        assertEquals(0.999, EmaDecay.of(0.9999, EmaDecay.power(1, 0.75)).at(10_001), 1e-6, "as its comment says");
        assertEquals(0.9999, EmaDecay.of(1 - 1e-9, EmaDecay.power(1, 0.75)).at(215_445), 1e-7);
    }

    @Test
    void beginsLaterAndForgetsNoFasterThanItsLeast() {
        EmaDecay decay = new EmaDecay(0.9, 0.25, 100, EmaDecay.COUNTED);
        assertEquals(0, decay.at(50));
        assertEquals(0, decay.at(101));
        assertEquals(0.25, decay.at(102), 1e-15, "2/11 is less");
        assertEquals(0.5, decay.at(109), 1e-15);
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> EmaDecay.of(1, EmaDecay.COUNTED));
        assertThrows(IllegalArgumentException.class, () -> EmaDecay.of(Double.NaN, EmaDecay.COUNTED));
        assertThrows(IllegalArgumentException.class, () -> new EmaDecay(0.9, 0.95, 0, EmaDecay.COUNTED));
        assertThrows(IllegalArgumentException.class, () -> new EmaDecay(0.9, 0, -1, EmaDecay.COUNTED));
    }
}
