package ddpm.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.DataException;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExamplesTest {
    private static final ImageSet THREE =
            new ImageSet("three", 1, 2, 1, new byte[][] {{0, 51}, {(byte) 255, 0}, {102, (byte) 153}}, List.of());

    @Test
    void batches() {
        Examples examples = new Examples(THREE.withClasses(new Classes(List.of("a", "b"), new int[] {1, 0, 1})));
        try (CpuBackend backend = new CpuBackend(Precision.FP32, 1);
                Scope scope = Scope.on(backend)) {
            Tensor images = examples.images(scope, 1, 2);
            assertEquals(Shape.of(2, 1, 2, 1), images.shape());
            assertArrayEquals(new float[] {1, 0, 0.4f, 0.6f}, images.toFloats());
            Tensor rows = examples.rows(scope, 0, 1);
            assertEquals(Shape.of(1, 2), rows.shape());
            assertArrayEquals(new float[] {0, 0.2f}, rows.toFloats());
            assertArrayEquals(new int[] {0, 1}, examples.labels(scope, 1, 2).toInts());
            Tensor scores = scope.tensor(Shape.of(2, 2), new float[] {3, 2, 1, 0});
            assertEquals(1, examples.right(scores, 1));
            assertEquals(3, examples.count());
        }
    }

    @Test
    void imagesWithoutLabels() {
        var e = assertThrows(DataException.class, () -> new Examples(THREE));
        assertTrue(e.getMessage().startsWith("three: the images have no labels"), e::getMessage);
    }
}
