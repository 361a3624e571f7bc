package ddpm.engine.backend;

import static ddpm.engine.testing.Data.normal;
import static ddpm.engine.testing.OpCheck.U;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.Random;
import org.junit.jupiter.api.Tag;

/** The cross entropy of a softmax: one class and one row, rows and classes around a warp and a block. */
@Tag("kernels")
class CrossEntropyTest {
    private static double[] reference(double[] x, int[] label) {
        int classes = x.length / label.length;
        double loss = 0;
        for (int i = 0; i < label.length; i++) {
            double sum = 0;
            for (int k = 0; k < classes; k++) {
                sum += Math.exp(x[i * classes + k]);
            }
            loss += (Math.log(sum) - x[i * classes + label[i]]) / label.length;
        }
        return new double[] {loss};
    }

    /** A row's logarithm rounds with its size; the mean of n rows adds that of n numbers. */
    @OnEachDevice
    void crossEntropy(Device device) {
        for (int[] e : new int[][] {{1, 1}, {1, 10}, {7, 3}, {8, 10}, {9, 31}, {65, 33}, {20, 257}}) { // rows, classes
            int[] label = new Random(OpCheck.SEED).ints(e[0], 0, e[1]).toArray();
            for (double mean : new double[] {0, 50}) {
                OpCheck.on(device, "crossEntropy " + e[0] + "x" + e[1])
                        .input("x", normal(mean, 2), e[0], e[1])
                        .reference(in -> reference(in.x(), label))
                        .op(in -> in.x().crossEntropy(in.x().scope().tensor(Shape.of(label.length), label)))
                        .entries(4)
                        .sum("y", e[0], c -> c.max("x") + Math.log(e[1]))
                        .sum("dx", 1, c -> c.max("dy") / e[0])
                        .tolerance(c -> (c.isForward() ? 8 : 8 + 2 * c.max("x")) * U * c.scale())
                        .checkForwardAndGradients();
            }
        }
    }

    @OnEachDevice
    void nothingOverflows(Device device) {
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            Tensor x = scope.tensor(Shape.of(2, 3), new float[] {1000, -1000, 0, -3e38f, 1e38f, 0});
            Tensor label = scope.tensor(Shape.of(2), new int[] {0, 1});
            assertEquals(0, x.crossEntropy(label).item());
        }
    }

    /** A label that is no class stops a training at its loss. */
    @OnEachDevice
    void labelsThatAreNoClass(Device device) {
        try (Scope scope = Scope.on(new Guarded(device.backend()))) {
            for (int[] wrong :
                    new int[][] {{0, -1}, {-1, 0}, {0, 3}, {3, 0}}) { // beside it a number of another row, or none
                Tensor label = scope.tensor(Shape.of(2), wrong);
                assertTrue(Float.isNaN(
                        scope.zeros(Shape.of(2, 3)).crossEntropy(label).item()));
            }
            Tensor one = scope.tensor(Shape.of(1), new int[] {0});
            String message = assertThrows(TensorException.class, () -> scope.zeros(Shape.of(2, 3))
                            .crossEntropy(one))
                    .getMessage();
            assertTrue(message.contains("must be I32 [2], got I32 [1]"), message);
        }
    }

    /** An image of one pixel has its classes last as well as a row has. */
    @OnEachDevice
    void imagesOfOnePixel(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            float[] x = {1, 2, 3, 0, 0, 0};
            Tensor label = scope.tensor(Shape.of(2), new int[] {2, 1});
            assertEquals(
                    scope.tensor(Shape.of(2, 3), x).crossEntropy(label).item(),
                    scope.tensor(Shape.of(2, 1, 1, 3), x).crossEntropy(label).item());
        }
    }
}
