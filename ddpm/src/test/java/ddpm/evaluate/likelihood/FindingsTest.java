package ddpm.evaluate.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.Variance;
import ddpm.diffusion.likelihood.BoundEstimate.Value;
import ddpm.evaluate.likelihood.Likelihood.Range;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What numbers mean, by hand: t = 0, 1 to 3, 4 to 9 of 10. */
class FindingsTest {
    private static Likelihood of(double loss, double matrix) {
        return new Likelihood(
                100,
                10,
                true,
                Variance.FIXED_SMALL,
                true,
                true,
                new Value(2.5, 0.1),
                0.25,
                List.of(
                        new Range(0, 0, new Value(1, 0.01), new Value(0.5, 0.01), 1, matrix),
                        new Range(1, 3, new Value(1, 0.02), new Value(loss, 0.01), 0.6, matrix * 0.6),
                        new Range(4, 9, new Value(0.25, 0.02), new Value(0.3, 0.001), 0.1, matrix * 0.1)),
                8);
    }

    @Test
    void partsAndMeans() {
        Likelihood l = of(0.2, 0.9);
        assertEquals(1, l.last());
        assertEquals(1.25, l.between());
        assertEquals((0.5 + 3 * 0.2 + 6 * 0.3) / 10, l.mean(r -> r.loss().mean()), 1e-15);
        assertEquals(3, l.calls());
        assertFalse(l.everyT());
        assertTrue(l.matrix());
    }

    @Test
    void bitsNameWhatTheyAreFor() {
        String bits = new Findings(of(0.2, 0.9)).bits();
        assertTrue(bits.contains("at most 2.500 +- 0.100 bits"), bits);
        assertTrue(bits.contains("1.000 are for t = 0"), bits);
        assertTrue(bits.contains("1.250 for t = 1 to 9, half of them below t = 4"), bits);
        assertTrue(bits.contains("0.25000 for what is left"), bits);
    }

    @Test
    void errorsNameWhereTheNetworkIsBetter() {
        String errors = new Findings(of(0.2, 0.9)).errors();
        assertTrue(errors.contains("best linear formula"), errors);
        assertTrue(errors.contains("below the formula at t = 0 to 3, 0.370 times it about t = 2"), errors);
        assertTrue(errors.contains("above the formula at t = 4 to 9, 3.33 times it about t = 7"), errors);
        assertTrue(errors.contains("is hardly better"), errors);
        String alike = new Findings(of(0.55, 0.9)).errors();
        assertTrue(alike.contains("like the formula at t = 1 to 3."), alike);
        String alone = new Findings(of(0.2, Double.NaN)).errors();
        assertTrue(alone.contains("formula that guesses each value from itself"), alone);
    }

    @Test
    void howLongEveryTWouldTake() {
        String how = String.join(" ", new Findings(of(0.2, 0.9)).how());
        assertTrue(how.contains("100 images, each at 3 of 10 t: 300 calls of the network in 8 s"), how);
        assertTrue(how.contains("--nll-steps 10) would take about 26 s"), how);
        assertTrue(how.contains("given what each image shows"), how);
    }
}
