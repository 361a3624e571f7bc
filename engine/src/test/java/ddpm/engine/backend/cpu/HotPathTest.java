package ddpm.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Precision;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.SmallNet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** oneDNN falls back to loops up to a hundred times slower without saying so: ask for the names of what ran. */
class HotPathTest {
    @Test
    void noReferenceImplementationInATrainingStep() {
        try (CpuBackend backend = new CpuBackend(Precision.FP32)) {
            // the sizes of the presets: 28 x 28 in one item of attention, 16 and 32 channels, also odd batches
            for (int[] size : new int[][] {{2, 28, 32}, {3, 28, 16}, {1, 14, 64}}) {
                try (SmallNet net = new SmallNet(backend, size[0], size[1], size[2])) {
                    net.train();
                }
            }
            Map<String, String> names = backend.implementationNames();
            for (String kind : List.of(
                    "convolution of",
                    "weights of",
                    "Winograd product",
                    "Winograd gradient",
                    "Matmul",
                    "scores",
                    "attention weights",
                    "algorithm=")) {
                assertTrue(
                        names.keySet().stream().anyMatch(k -> k.contains(kind)), () -> kind + " missing in " + names);
            }
            assertEquals(Map.of(), slow(backend));
        }
    }

    private static Map<String, String> slow(CpuBackend backend) {
        Map<String, String> slow = new TreeMap<>(backend.implementationNames());
        slow.values().removeIf(name -> !name.contains("ref") && !name.startsWith("simple"));
        return slow;
    }

    /** Patches of digits and of colour photographs, and what the blocks of a transformer have beside a U-Net's. */
    @Test
    void noReferenceImplementationInATransformer() {
        try (CpuBackend backend = new CpuBackend(Precision.FP32)) {
            for (int[] of : new int[][] {{28, 1, 4, 192, 3}, {32, 3, 2, 128, 2}}) {
                transformer(backend, of[0], of[1], of[2], of[3], of[4]);
            }
            assertEquals(Map.of(), slow(backend));
        }
    }

    private static void transformer(CpuBackend backend, int side, int channels, int patch, int width, int heads) {
        try (Scope scope = Scope.recording(backend)) {
            Tensor image = scope.leaf(Shape.of(2, side, side, channels), new float[2 * side * side * channels]);
            Tensor x = image.conv2d(zeros(scope, width, patch, patch, channels), zeros(scope, width), patch, 0);
            Tensor qkv = x.layerNorm(1e-6f).linear(zeros(scope, 3 * width, width), zeros(scope, 3 * width));
            Tensor y = x.addGated(qkv.attention(heads), zeros(scope, 2, width));
            Tensor hidden = y.layerNorm(1e-6f).linear(zeros(scope, 4 * width, width), zeros(scope, 4 * width));
            Tensor out = hidden.geluTanh()
                    .linear(zeros(scope, patch * patch * channels, 4 * width), zeros(scope, patch * patch * channels));
            scope.tape().backward(out.depthToSpace(patch).mse(image));
        }
    }

    private static Tensor zeros(Scope scope, long... extents) {
        Shape shape = Shape.of(extents);
        return scope.leaf(shape, new float[Math.toIntExact(shape.count())]);
    }
}
