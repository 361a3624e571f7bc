package ddpm.diffusion.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GaussianKlTest {
    /** KL = (s1^2 / s2^2 - 1 - log(s1^2 / s2^2) + (m1 - m2)^2 / s2^2) / 2. */
    @Test
    void byHand() {
        assertEquals(0, GaussianKl.nats(0.3, -2, 0.3, -2));
        assertEquals(0.5, GaussianKl.nats(1, 0, 0, 0), 1e-15);
        assertEquals((3 - Math.log(4)) / 2, GaussianKl.nats(0, Math.log(4), 0, 0), 1e-15);
        assertEquals((-0.75 + Math.log(4)) / 2, GaussianKl.nats(0, 0, 0, Math.log(4)), 1e-15);
        assertEquals(
                (2.25 / 9 - 1 + Math.log(4) + 1.0 / 9) / 2, GaussianKl.nats(2, Math.log(2.25), 1, Math.log(9)), 1e-15);
    }

    /** For variances e^d apart it is d^2 / 4 + ..: without expm1 nothing of 2.5e-19 would be left. */
    @Test
    void keepsItsDigitsNearZero() {
        assertEquals(2.5e-19, GaussianKl.nats(0, 1e-9, 0, 0), 1e-24);
        assertEquals(2.5e-9, GaussianKl.nats(0, 1e-4, 0, 0), 1e-13);
    }
}
