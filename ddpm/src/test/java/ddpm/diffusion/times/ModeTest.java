package ddpm.diffusion.times;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.diffusion.schedule.Flow;
import org.junit.jupiter.api.Test;

class ModeTest {
    private static final Flow SCHEDULE = new Flow(1000, 1);

    @Test
    void fallsFromOneToZeroWithUAndIsSymmetric() {
        Mode mode = new Mode(1.29);
        assertEquals(1, mode.share(0), 1e-15);
        assertEquals(0.5, mode.share(0.5), 1e-15);
        assertEquals(0, mode.share(1), 1e-15);
        assertEquals(1, mode.share(0.2) + mode.share(0.8), 1e-15);
    }

    @Test
    void withoutScaleItIsUniform() {
        assertEquals(0.75, new Mode(0).share(0.25));
        double[] rows = new Mode(0).rows(SCHEDULE);
        assertEquals(0, rows[0], 1e-12); // t + 1 = 1/2, and the least t is 0
        assertEquals(499.5, rows[500], 1e-9);
    }

    /** Of a density with more of the middle: more than half of the rows in the middle half, all rising. */
    @Test
    void rowsAreMoreOfTheMiddle() {
        double[] rows = new Mode(1.29).rows(SCHEDULE);
        double[] sorted = rows.clone();
        java.util.Arrays.sort(sorted);
        assertArrayEquals(sorted, rows);
        int middle = 0;
        for (double t : rows) {
            middle += t >= 249 && t < 749 ? 1 : 0;
        }
        assertTrue(middle > 600, middle + " of 1000");
    }
}
