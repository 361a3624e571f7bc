package ddpm.engine.backend;

import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.backend.ReverseStep.Numbers;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.NoiseTable;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.Arrays;
import java.util.Random;

/** Limits of dynamic thresholding against a sort. */
class ThresholdTest {
    private static final float A = 1.3f;
    private static final float B = -0.7f;
    private static final float[] QUANTILES = {0, 0.25f, 0.5f, 0.9f, 0.995f, 1};

    private static float[] limits(Device device, Nhwc x, boolean learned, Numbers numbers, float[] xs, float[] fs) {
        ReverseStep g = new ReverseStep(x, 1, NoiseTable.REVERSE, 0, Clipping.THRESHOLD, true, learned);
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            Tensor limit = scope.empty(Shape.of(x.n()));
            scope.backend()
                    .diffusion()
                    .threshold(
                            g,
                            scope.tensor(Shape.of(ReverseStep.WORDS), numbers.toWords())
                                    .buffer(),
                            scope.tensor(Shape.of(x), xs).buffer(),
                            scope.tensor(Shape.of(fs.length), fs).buffer(),
                            limit.buffer());
            return limit.toFloats();
        }
    }

    private static Numbers numbers(float quantile, float range) {
        return new Numbers().estimate(A, B).range(range).quantile(quantile);
    }

    /** Two sizes of values: around 1, where a limit is 1, and around a thousand; fewer values than threads and more. */
    @OnEachDevice
    void quantiles(Device device) {
        Random random = new Random(OpCheck.SEED);
        for (Nhwc x : new Nhwc[] {
            new Nhwc(3, 1, 1, 1),
            new Nhwc(2, 1, 2, 1),
            new Nhwc(3, 5, 7, 3),
            new Nhwc(2, 16, 16, 1),
            new Nhwc(2, 21, 20, 3)
        }) {
            int length = (int) (x.pixels() * x.c());
            for (boolean learned : new boolean[] {false, true}) {
                for (float size : new float[] {1, 1000}) {
                    float[] xs = gaussians(random, (int) x.count(), size);
                    float[] fs = gaussians(random, (int) x.count() * (learned ? 2 : 1), size);
                    for (float quantile : QUANTILES) {
                        float[] got = limits(device, x, learned, numbers(quantile, 900), xs, fs);
                        for (int n = 0; n < x.n(); n++) {
                            double[] sizes = new double[length];
                            for (int k = 0; k < length; k++) {
                                int i = n * length + k;
                                int c = (int) x.c();
                                float f = learned ? fs[i / c * 2 * c + i % c] : fs[i];
                                sizes[k] = Math.abs(A * xs[i] + B * f); // in float, as it is sorted
                            }
                            double want = Math.max(1, Math.min(900, quantile(sizes, quantile)));
                            assertEquals(want, got[n], 4 * U * want, x + " quantile " + quantile + " of image " + n);
                        }
                    }
                }
            }
        }
    }

    private static double quantile(double[] values, double quantile) {
        Arrays.sort(values);
        double place = quantile * (values.length - 1);
        int low = (int) place;
        int high = Math.min(low + 1, values.length - 1);
        return values[low] + (values[high] - values[low]) * (place - low);
    }

    /** Half of the values are one number: the places around the step between two numbers find the right ones. */
    @OnEachDevice
    void equalValues(Device device) {
        Nhwc x = new Nhwc(1, 10, 10, 1);
        float[] xs = new float[100];
        for (int i = 0; i < 100; i++) {
            xs[i] = i % 2 == 0 ? -2 : 3;
        }
        Numbers n = new Numbers().estimate(1, 0).range(100);
        for (float quantile : new float[] {0, 0.25f, 49 / 99f, 0.5f, 50 / 99f, 1}) {
            double[] sizes = new double[100];
            Arrays.setAll(sizes, i -> Math.abs(xs[i]));
            float got = limits(device, x, false, n.quantile(quantile), xs, new float[100])[0];
            assertEquals(quantile(sizes, quantile), got, 3 * U * 3, "quantile " + quantile);
        }
    }

    /** NaN sorts last; where it, or an infinity, is reached the limit is NaN, and so is all that it limits. */
    @OnEachDevice
    void aNaNIsNotHidden(Device device) {
        Nhwc x = new Nhwc(2, 1, 5, 1);
        float[] xs = {4, Float.NaN, 2, 3, 5, 1, 2, 3, 4, -Float.POSITIVE_INFINITY};
        Numbers n = new Numbers().estimate(1, 0).range(100);
        float[] f = new float[10];
        assertArrayEquals(new float[] {4, 3}, limits(device, x, false, n.quantile(0.5f), xs, f));
        assertArrayEquals(new float[] {Float.NaN, Float.NaN}, limits(device, x, false, n.quantile(1), xs, f));
        assertArrayEquals(new float[] {5, 4}, limits(device, x, false, n.quantile(0.75f), xs, f));
    }

    private static float[] gaussians(Random random, int count, float size) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = size * (float) random.nextGaussian();
        }
        return values;
    }
}
