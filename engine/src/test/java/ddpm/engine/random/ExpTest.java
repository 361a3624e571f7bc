package ddpm.engine.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ExpTest {
    /** Two million arguments of each sign, every size alike: within 2 ulp, of numbers below 2^-126 too. */
    @Test
    void isWithinTwoUnitsInTheLastPlace() {
        int most = Float.floatToRawIntBits(88);
        for (int bits = 0; bits <= most; bits += 557) {
            check(Float.intBitsToFloat(bits));
            check(-Float.intBitsToFloat(bits));
        }
        for (int n = -126; n <= 126; n++) { // where the nearest power of two changes
            float at = (float) ((n + 0.5) * Math.log(2));
            check(at);
            check(Math.nextUp(at));
            check(Math.nextDown(at));
        }
        check(88);
        check(-88);
    }

    private static void check(float x) {
        double want = Math.exp(x);
        assertEquals(want, Exp.exp(x), 2 * (double) Math.ulp((float) want), () -> "exp " + x);
    }

    @Test
    void beyondTheRangeItIsWhatFloatHas() {
        assertEquals(1f, Exp.exp(0f));
        assertEquals(1f, Exp.exp(-0f));
        for (float x : new float[] {88.8f, 89, 1e10f, Float.POSITIVE_INFINITY}) {
            assertEquals(Float.POSITIVE_INFINITY, Exp.exp(x), "exp " + x);
        }
        for (float x : new float[] {-104, -1e10f, Float.NEGATIVE_INFINITY}) {
            assertEquals(0f, Exp.exp(x), "exp " + x);
        }
        assertTrue(Float.isNaN(Exp.exp(Float.NaN)));
    }
}
