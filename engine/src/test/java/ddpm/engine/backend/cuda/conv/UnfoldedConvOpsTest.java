package ddpm.engine.backend.cuda.conv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.CudaBackend;
import ddpm.engine.testing.ConvCases;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.SimulatorOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every geometry of ConvOpsTest where cuDNN has nothing to offer: by our own kernels and cuBLAS. The lower precisions differ
 * in the products alone, so they take the geometries only.
 */
@Tag("cuda")
class UnfoldedConvOpsTest {
    @ParameterizedTest
    @EnumSource(Precision.class)
    void everyGeometry(Precision precision, @TempDir Path folder) {
        SimulatorOption.notDeterministic().around(() -> {
            String cache = System.setProperty("ddpm.cache", folder.toString()); // not what other tests have found
            Device device = Devices.cuda("cuda unfolded " + precision, precision);
            try (CudaBackend backend = (CudaBackend) device.backend()) {
                ConvCases.all(cases(device, precision));
                Map<String, ConvAlgorithm> all = backend.convolutions();
                assertTrue(all.values().stream().allMatch(ConvAlgorithm::unfolds), all::toString);
            } finally {
                restore(cache);
            }
        });
    }

    private static void restore(String cache) {
        if (cache == null) {
            System.clearProperty("ddpm.cache");
        } else {
            System.setProperty("ddpm.cache", cache);
        }
    }

    private static List<OpCheck> cases(Device device, Precision precision) {
        List<OpCheck> all = new ArrayList<>(ConvCases.rectangles(device));
        all.addAll(ConvCases.conv2dGeometries(device));
        all.addAll(ConvCases.convTranspose2dGeometries(device));
        if (precision == Precision.FP32) {
            all.addAll(ConvCases.channels(device));
            all.addAll(ConvCases.narrowImages(device));
        }
        return all;
    }
}
