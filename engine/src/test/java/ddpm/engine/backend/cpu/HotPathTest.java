package ddpm.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Precision;
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
            Map<String, String> slow = new TreeMap<>(names);
            slow.values().removeIf(name -> !name.contains("ref") && !name.startsWith("simple"));
            assertEquals(Map.of(), slow);
        }
    }
}
