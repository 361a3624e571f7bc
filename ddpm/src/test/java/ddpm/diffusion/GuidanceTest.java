package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GuidanceTest {
    private static final float[] COND = {1, 2, 3, 4, -1, 0.5f, 2, -2};
    private static final float[] UNCOND = {1, 1, 0, 2, 0, 0, 1, 1};

    @Test
    void scaleLeadsFromOneToTheOtherAndBeyond() {
        assertArrayEquals(UNCOND, new Guidance(0, 0).of(COND, UNCOND, 2));
        assertArrayEquals(COND, new Guidance(1, 0).of(COND, UNCOND, 2));
        float[] beyond = {1, 4, 9, 8, -3, 1.5f, 4, -8};
        assertArrayEquals(beyond, new Guidance(3, 0).of(COND, UNCOND, 2));
    }

    /** Each image has the spread of its own conditional output again. */
    @Test
    void rescaledHasTheSpreadOfTheCondition() {
        float[] out = new Guidance(7.5, 1).of(COND, UNCOND, 2);
        assertEquals(std(COND, 0), std(out, 0), 1e-6);
        assertEquals(std(COND, 4), std(out, 4), 1e-6);
    }

    @Test
    void rescaleIsAShare() {
        float[] none = new Guidance(5, 0).of(COND, UNCOND, 2);
        float[] all = new Guidance(5, 1).of(COND, UNCOND, 2);
        float[] some = new Guidance(5, 0.3).of(COND, UNCOND, 2);
        for (int i = 0; i < some.length; i++) {
            assertEquals(0.7 * none[i] + 0.3 * all[i], some[i], 1e-5);
        }
    }

    @Test
    void anImageWithoutAnySpreadStaysAsItIs() {
        float[] grey = {2, 2, 2, 2};
        assertArrayEquals(grey, new Guidance(4, 1).of(grey, grey, 1));
    }

    @Test
    void refusesWhatIsNoGuidance() {
        assertThrows(IllegalArgumentException.class, () -> new Guidance(Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> new Guidance(2, 1.1));
        assertThrows(IllegalArgumentException.class, () -> new Guidance(2, 0).of(COND, UNCOND, 3));
    }

    private static double std(float[] x, int from) {
        double[] image = new double[4];
        Arrays.setAll(image, i -> x[from + i]);
        double mean = Arrays.stream(image).average().orElseThrow();
        return Math.sqrt(Arrays.stream(image).map(v -> (v - mean) * (v - mean)).sum() / 4);
    }
}
