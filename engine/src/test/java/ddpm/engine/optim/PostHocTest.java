package ddpm.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.engine.optim.PostHoc.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostHocTest {
    private static List<Snapshot> two(int times) {
        List<Snapshot> stored = new ArrayList<>();
        for (int i = 1; i <= times; i++) {
            stored.add(new Snapshot(1000.0 * i, 0.05));
            stored.add(new Snapshot(1000.0 * i, 0.10));
        }
        return stored;
    }

    @Test
    void whatIsStoredIsItself() {
        List<Snapshot> stored = two(4);
        double[][] x = new PostHoc(stored).coefficients(stored);
        for (int i = 0; i < stored.size(); i++) {
            for (int k = 0; k < stored.size(); k++) {
                assertEquals(i == k ? 1 : 0, x[i][k], 1e-9);
            }
        }
    }

    /** Averages of the parameter s^2 at time s: the combination is near the average that training would have kept. */
    @Test
    void anotherWidthIsNearTheAverageThatWasNotKept() {
        List<Snapshot> stored = two(8);
        Snapshot wanted = new Snapshot(8000, 0.075);
        double[][] x = new PostHoc(stored).coefficients(List.of(wanted));
        double sum = 0;
        double made = 0;
        for (int i = 0; i < stored.size(); i++) {
            sum += x[i][0];
            made += x[i][0] * averageOfSquares(stored.get(i));
        }
        assertEquals(1, sum, 1e-12);
        assertEquals(averageOfSquares(wanted), made, 1e-3 * made);
    }

    /** The integral of (g + 1) s^g / t^(g + 1) s^2 from 0 to t is (g + 1) / (g + 3) t^2. */
    private static double averageOfSquares(Snapshot s) {
        double g = PowerAverage.ofStd(s.std()).gamma();
        return (g + 1) / (g + 3) * s.seen() * s.seen();
    }

    /** With exponents 0 and 1 at time 1 the products are 1, 1 and 4/3; gamma 2 has 1 and 3/2 with them: X = (-1/2, 3/2). */
    @Test
    void byHand() {
        List<Snapshot> stored = List.of(at(0), at(1));
        double[][] x = new PostHoc(stored).coefficients(List.of(at(2)));
        assertEquals(-0.5, x[0][0], 1e-10);
        assertEquals(1.5, x[1][0], 1e-10);
    }

    private static Snapshot at(double gamma) {
        return new Snapshot(1, new PowerAverage(gamma).std());
    }

    @Test
    void theSameTwiceIsRefused() {
        Snapshot s = new Snapshot(1000, 0.1);
        assertThrows(IllegalArgumentException.class, () -> new PostHoc(List.of(s, s)).coefficients(List.of(s)));
    }
}
