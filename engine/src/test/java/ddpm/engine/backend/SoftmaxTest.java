package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.ArrayReference;
import ddpm.engine.testing.Case;
import ddpm.engine.testing.Data;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;

/** The softmax along the last extent: rows around a warp, the last that a warp takes, and longer ones than a block. */
@Tag("kernels")
class SoftmaxTest {
    private static final long[][] SHAPES = {
        {1}, {37}, {9, 1}, {3, 7}, {2, 3, 5, 6}, {7, 32}, {17, 33}, {2, 1024}, {3, 1025}
    };

    @OnEachDevice
    void softmax(Device device) {
        for (long[] shape : SHAPES) {
            int length = (int) shape[shape.length - 1];
            for (Data data : List.of(normal(0, 2), normal(100, 2), normal(0, 1e-3))) {
                OpCheck.on(device, "softmax")
                        .input("x", data, shape)
                        .reference(in -> ArrayReference.softmax(length, in.x()))
                        .op(in -> in.x().softmax())
                        .entries(4)
                        .sum("y", length, c -> 0)
                        .sum("dx", length, c -> c.max("dy"))
                        .tolerance(SoftmaxTest::tolerance)
                        .checkForwardAndGradients();
            }
        }
    }

    /**
     * Of exp, the quotient and the products 8 roundings; x - max rounds with its size, which the exponential makes relative; partial
     * sums of n terms, all of one sign in the forward. In the backward the difference dy - sum rounds with dy.
     */
    private static double tolerance(Case c) {
        double[] x = c.in().x();
        double range =
                Arrays.stream(x).max().orElseThrow() - Arrays.stream(x).min().orElseThrow();
        return (8 + 2 * range + Math.sqrt(c.terms())) * U * c.scale();
    }

    @OnEachDevice
    void edges(Device device) {
        float inf = Float.POSITIVE_INFINITY;
        float nan = Float.NaN;
        float[] x = {1000, -1000, 0, 3e38f, -3e38f, 3e38f, 0, -inf, -inf, -inf, -inf, -inf, 5, 5, -inf};
        float[] y = {1, 0, 0, 0.5f, 0, 0.5f, 1, 0, 0, nan, nan, nan, 0.5f, 0.5f, 0};
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            assertArrayEquals(y, scope.tensor(Shape.of(5, 3), x).softmax().toFloats(), 2 * (float) U);
        }
    }

    /** The rest of its row may be anything: oneDNN makes zeros of it. */
    @OnEachDevice
    void whatIsNoNumberStaysNone(Device device) {
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                float[] x = {1, wrong, 2, 5, 5, Float.NEGATIVE_INFINITY};
                float[] y = scope.tensor(Shape.of(2, 3), x).softmax().toFloats();
                assertTrue(Float.isNaN(y[1]), wrong + " became " + y[1] + " on " + device);
                assertArrayEquals(new float[] {0.5f, 0.5f, 0}, Arrays.copyOfRange(y, 3, 6), 2 * (float) U);
            }
        }
    }

    /** Or images would change with the batch they are drawn in. */
    @OnEachDevice
    void aRowDoesNotKnowTheOthers(Device device) {
        for (int length : new int[] {5, 64, 1025}) {
            float[] x = new float[7 * length];
            Random random = new Random(OpCheck.SEED);
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) random.nextGaussian();
            }
            try (Scope scope = Scope.on(device.backend())) {
                float[] all = scope.tensor(Shape.of(7, length), x).softmax().toFloats();
                for (int row = 0; row < 7; row++) {
                    float[] own = Arrays.copyOfRange(x, row * length, (row + 1) * length);
                    assertArrayEquals(
                            Arrays.copyOfRange(all, row * length, (row + 1) * length),
                            scope.tensor(Shape.of(1, length), own).softmax().toFloats(),
                            "row " + row + " of " + length + " on " + device);
                }
            }
        }
    }

    @OnEachDevice
    void ofAScalar(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor scalar = scope.zeros(Shape.of());
            String message =
                    assertThrows(TensorException.class, scalar::softmax).getMessage();
            assertTrue(message.startsWith("softmax: needs at least one extent"), message);
            assertEquals(1, scope.zeros(Shape.of(1)).softmax().item());
        }
    }
}
