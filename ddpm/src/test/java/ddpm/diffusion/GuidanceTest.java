package ddpm.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GuidanceTest {
    private static final float[] COND = {1, 2, 3, 4, -1, 0.5f, 2, -2};
    private static final float[] UNCOND = {1, 1, 0, 2, 0, 0, 1, 1};

    @OnEachDevice
    void scaleLeadsFromOneToTheOtherAndBeyond(Device device) {
        assertArrayEquals(UNCOND, of(device, new Guidance(0, 0), COND, UNCOND, 2));
        assertArrayEquals(COND, of(device, new Guidance(1, 0), COND, UNCOND, 2));
        float[] beyond = {1, 4, 9, 8, -3, 1.5f, 4, -8};
        assertArrayEquals(beyond, of(device, new Guidance(3, 0), COND, UNCOND, 2));
    }

    /** Each image has the spread of its own conditional output again. */
    @OnEachDevice
    void rescaledHasTheSpreadOfTheCondition(Device device) {
        float[] out = of(device, new Guidance(7.5, 1), COND, UNCOND, 2);
        assertEquals(std(COND, 0), std(out, 0), 1e-6);
        assertEquals(std(COND, 4), std(out, 4), 1e-6);
    }

    @OnEachDevice
    void rescaleIsAShare(Device device) {
        float[] none = of(device, new Guidance(5, 0), COND, UNCOND, 2);
        float[] all = of(device, new Guidance(5, 1), COND, UNCOND, 2);
        float[] some = of(device, new Guidance(5, 0.3), COND, UNCOND, 2);
        for (int i = 0; i < some.length; i++) {
            assertEquals(0.7 * none[i] + 0.3 * all[i], some[i], 1e-5);
        }
    }

    @OnEachDevice
    void anImageWithoutAnySpreadStaysAsItIs(Device device) {
        float[] grey = {2, 2, 2, 2};
        assertArrayEquals(grey, of(device, new Guidance(4, 1), grey, grey, 1));
    }

    @Test
    void refusesWhatIsNoGuidance() {
        assertThrows(IllegalArgumentException.class, () -> new Guidance(Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> new Guidance(2, 1.1));
        assertThrows(IllegalArgumentException.class, () -> new Guidance(2, 0, 0.5, 0.4));
        assertThrows(IllegalArgumentException.class, () -> new Guidance(2, 0, -0.1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Guidance(2, 0, 0, 1.1));
    }

    @Test
    void theIntervalIsAShareOfTheSchedule() {
        Guidance some = new Guidance(2, 0, 0.1, 0.9);
        boolean[] want = {false, false, true, true, true, false, false};
        double[] t = {0, 99.8, 99.9, 500, 899.1, 899.2, 999};
        for (int i = 0; i < t.length; i++) {
            assertEquals(want[i], some.at(t[i], 1000), "t = " + t[i]);
        }
        assertEquals(true, new Guidance(2, 0).at(0, 1000) && new Guidance(2, 0).at(999, 1000));
    }

    private static float[] of(Device device, Guidance guidance, float[] cond, float[] uncond, int images) {
        float[] both = Arrays.copyOf(cond, 2 * cond.length);
        System.arraycopy(uncond, 0, both, cond.length, uncond.length);
        try (Scope scope = Scope.on(device.backend())) {
            Shape shape = Shape.of(2 * images, 1, cond.length / images, 1);
            return guidance.of(scope.tensor(shape, both), 1).toFloats();
        }
    }

    private static double std(float[] x, int from) {
        double[] image = new double[4];
        Arrays.setAll(image, i -> x[from + i]);
        double mean = Arrays.stream(image).average().orElseThrow();
        return Math.sqrt(Arrays.stream(image).map(v -> (v - mean) * (v - mean)).sum() / 4);
    }
}
