package ddpm.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.train.run.Metrics;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CurveTest {
    private static Metrics line(long step, double loss) {
        return new Metrics(step, 0, 10 * step, loss, loss, List.of(), 0.1, 1, 5, 1, step);
    }

    /** A training that went back to step 20 twice: what it did then counts. */
    @Test
    void whatWasDoneAgainCounts() {
        Curve curve = Curve.of(
                List.of(line(10, 1), line(20, 2), line(30, 3), line(40, 4), line(30, 5), line(30, 6), line(50, 7)));
        assertArrayEquals(new double[] {10, 20, 30, 50}, curve.steps());
        assertArrayEquals(new double[] {1, 2, 6, 7}, curve.losses());
    }

    @Test
    void aLossThatIsNoNumberIsLeftOut() {
        Curve curve = Curve.of(
                Stream.of(line(10, 1), line(20, Double.NaN), line(30, 2)).toList());
        assertArrayEquals(new double[] {10, 30}, curve.steps());
        assertTrue(Curve.of(List.of()).isEmpty());
    }
}
