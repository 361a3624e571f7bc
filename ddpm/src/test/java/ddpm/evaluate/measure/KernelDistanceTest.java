package ddpm.evaluate.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;

class KernelDistanceTest {
    /** k(a, b) = (ab + 1)^3: within {0, 1} 1, within {1, 2} 27, between 1, 1, 8, 27. */
    @OnEachDevice
    void byHand(Device device) {
        double got = KernelDistance.ofDim(1)
                .between(
                        new Products(device.backend()), Rows.of(1, new float[] {0, 1}), Rows.of(1, new float[] {1, 2}));
        assertEquals(1 + 27 - 2 * (1 + 1 + 8 + 27) / 4.0, got, 28 * 8 * 0x1p-24);
    }

    /** Without bias: the mean over pairs of small sets of one source is 0, and another source is seen. */
    @OnEachDevice
    void zeroOnAverageForOneSource(Device device) {
        Products products = new Products(device.backend());
        double sum = 0;
        double squares = 0;
        int pairs = 60;
        for (int i = 0; i < pairs; i++) {
            double d = KernelDistance.ofDim(4)
                    .between(products, Points.normal(2 * i, 20, 4, 0, 1), Points.normal(2 * i + 1, 20, 4, 0, 1));
            sum += d;
            squares += d * d;
        }
        double error = Math.sqrt(squares) / pairs;
        assertTrue(Math.abs(sum / pairs) < 4 * error, "mean " + sum / pairs + ", standard error " + error);
        double other = KernelDistance.ofDim(4)
                .between(products, Points.normal(1, 200, 4, 0, 1), Points.normal(2, 200, 4, 1, 1));
        assertTrue(other > 1, "distance " + other);
        assertThrows(IllegalArgumentException.class, () -> KernelDistance.ofDim(4)
                .between(products, Points.normal(1, 1, 4, 0, 1), Points.normal(2, 9, 4, 0, 1)));
    }
}
