package ddpm.verify.objectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.engine.optim.Ema;
import org.junit.jupiter.api.Test;

class RisingDecayTest {
    private static final Ema.Decay COUNTED = Ema.Decay.warmedUp(0.9);

    @Test
    void theFirstUpdateTakesTheParameters() {
        assertEquals(0, new RisingDecay(0, 0, COUNTED).at(0));
        assertEquals(0, new RisingDecay(0, 0, RisingDecay.power(0.9999, 1, 0.75)).at(0));
        assertEquals(0, new RisingDecay(0.5, 0, COUNTED).at(0), "the least decay counts from the second on");
    }

    @Test
    void risesByCountToItsLimit() {
        Ema.Decay decay = new RisingDecay(0, 0, COUNTED);
        assertEquals(2.0 / 11, decay.at(1), 1e-15);
        assertEquals(0.5, decay.at(8), 1e-15); // (1 + 8) / (10 + 8)
        assertEquals(0.9, decay.at(80), 1e-15);
        assertEquals(0.9, decay.at(1_000_000));
    }

    @Test
    void risesByPower() {
        Ema.Decay decay = RisingDecay.power(0.9999, 2, 0.5);
        assertEquals(1 - 1 / Math.sqrt(1.5), decay.at(1), 1e-15);
        assertEquals(0.8, decay.at(48), 1e-15); // 1 - (1 + 48 / 2)^-1/2
        assertEquals(0.999, RisingDecay.power(0.9999, 1, 0.75).at(10_000), 1e-6, "as its comment says");
        assertEquals(0.9999, RisingDecay.power(1 - 1e-9, 1, 0.75).at(215_444), 1e-7);
    }

    @Test
    void beginsLaterAndForgetsNoFasterThanItsLeast() {
        Ema.Decay decay = new RisingDecay(0.25, 100, COUNTED);
        assertEquals(0, decay.at(49));
        assertEquals(0, decay.at(100));
        assertEquals(0.25, decay.at(101), 1e-15, "2/11 is less");
        assertEquals(0.5, decay.at(108), 1e-15);
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> new RisingDecay(1, 0, COUNTED));
        assertThrows(IllegalArgumentException.class, () -> new RisingDecay(Double.NaN, 0, COUNTED));
        assertThrows(IllegalArgumentException.class, () -> new RisingDecay(0, -1, COUNTED));
    }
}
