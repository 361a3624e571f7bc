package ddpm.evaluate.measure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.stream.IntStream;

class ManifoldsTest {
    private static final float[] LINE = {0, 1, 3, 6, 10};

    /** Radii of 1, 1, 2, 3, 4 around 0, 1, 3, 6, 10. */
    @OnEachDevice
    void nearestOfALine(Device device) {
        Products products = new Products(device.backend());
        Nearest among = Nearest.among(products, Rows.of(1, LINE), 2);
        assertArrayEquals(new double[] {1, 1, 2, 3, 4}, among.distances(1));
        assertArrayEquals(new double[] {3, 2, 3, 4, 7}, among.distances(2));
        assertArrayEquals(new int[] {1, 0, 1, 2, 3}, among.first());
        Nearest of = Nearest.of(products, Rows.of(1, new float[] {4.4f}), Rows.of(1, LINE), 3);
        assertArrayEquals(new int[] {2, 3, 1}, of.index()[0]);
    }

    /** Two of four points lie in a ball; the reference at 10 is in none of the generated region. */
    @OnEachDevice
    void precisionAndRecallByHand(Device device) {
        Rows generated = Rows.of(1, new float[] {2, 14, 15, -1.5f});
        Manifolds m = Manifolds.of(new Products(device.backend()), Rows.of(1, LINE), generated, 1);
        assertArrayEquals(new boolean[] {true, true, false, false}, m.generated()); // 14 on the surface of 10 +- 4
        assertArrayEquals(new boolean[] {true, true, true, false, false}, m.reference()); // 2 +- 3.5, -1.5 +- 3.5
        assertEquals(0.5, m.precision());
        assertEquals(0.6, m.recall());
    }

    /** 2 is in the balls of 1 (not: its surface) and of 3; the other points in none. */
    @OnEachDevice
    void densityAndCoverageByHand(Device device) {
        Rows generated = Rows.of(1, new float[] {2, 14, 15, -1.5f});
        Manifolds.Density d = Manifolds.Density.of(new Products(device.backend()), Rows.of(1, LINE), generated, 1);
        assertEquals(1 / 4.0, d.density());
        assertEquals(1 / 5.0, d.coverage());
    }

    @OnEachDevice
    void aSetAgainstItself(Device device) {
        Products products = new Products(device.backend());
        Rows rows = Points.normal(1, 300, 16, 100, 1); // far from 0, where |a|^2 + |b|^2 - 2 ab cancels
        Manifolds m = Manifolds.of(products, rows, rows, 3);
        assertEquals(1, m.precision());
        assertEquals(1, m.recall());
        Manifolds.Density d = Manifolds.Density.of(products, rows, rows, 5);
        assertEquals(1, d.density());
        assertEquals(1, d.coverage());
    }

    /** Points of one of two clusters are right and half of what there is. */
    @OnEachDevice
    void aCollapsedSetHasPrecisionWithoutRecall(Device device) {
        Products products = new Products(device.backend());
        Rows reference = Points.both(Points.normal(1, 200, 8, 0, 1), Points.normal(2, 200, 8, 30, 1));
        Manifolds m = Manifolds.of(products, reference, Points.normal(3, 400, 8, 0, 1), 3);
        assertTrue(m.precision() > 0.7, "precision " + m.precision());
        assertTrue(m.recall() < 0.51, "recall " + m.recall());
        Manifolds.Density d = Manifolds.Density.of(products, reference, Points.normal(3, 400, 8, 0, 1), 5);
        assertTrue(d.coverage() > 0.4 && d.coverage() <= 0.5, "coverage " + d.coverage());
    }

    /** More points than a block holds; what distances in double, one after the other, give. */
    @OnEachDevice
    void manyPointsAsOneByOne(Device device) {
        Rows a = Points.normal(1, 1030, 3, 0, 1);
        Rows b = Points.normal(2, 4100, 3, 50, 20);
        Nearest nearest = Nearest.of(new Products(device.backend()), a, b, 2);
        for (int i : new int[] {0, 1023, 1024, 1029}) {
            int[] order = IntStream.range(0, b.count())
                    .boxed()
                    .sorted((x, y) -> Double.compare(Products.exact(a, i, b, x), Products.exact(a, i, b, y)))
                    .mapToInt(Integer::intValue)
                    .limit(2)
                    .toArray();
            assertArrayEquals(order, nearest.index()[i]);
            assertEquals(Products.exact(a, i, b, order[1]), nearest.distance()[i][1]);
        }
    }

    /** Exact copies are found at distance 0, whatever float32 makes of 1e6 - 1e6. */
    @OnEachDevice
    void copiesAreAtDistanceZero(Device device) {
        Rows data = Points.normal(1, 500, 64, 500, 100);
        int[] copied = {7, 499, 0};
        Nearest nearest = Nearest.of(new Products(device.backend()), data.at(copied), data, 1);
        assertArrayEquals(copied, nearest.first());
        assertArrayEquals(new double[3], nearest.distances(1));
    }
}
