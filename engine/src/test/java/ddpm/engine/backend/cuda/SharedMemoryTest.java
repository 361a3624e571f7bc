package ddpm.engine.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.testing.SimulatorOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shared memory by compute capability, in KiB: CUDA C++ programming guide, "Compute Capabilities". */
class SharedMemoryTest {
    @ParameterizedTest(name = "sm_{0}")
    @CsvSource({
        "75, 64, 0, 32",
        "80, 164, 1, 81",
        "86, 100, 1, 49",
        "89, 100, 1, 49",
        "90, 228, 1, 113",
        "120, 100, 1, 49"
    })
    void twoBlocksShareAMultiprocessorWithWhatTheSystemKeepsOfEach(int capability, int all, int reserved, int each) {
        int paired = CudaDevice.pairedSharedBytes(all << 10, reserved << 10);
        assertEquals(each << 10, paired);
        assertTrue(2 * (paired + (reserved << 10)) <= all << 10);
    }

    @Tag("cuda")
    @ParameterizedTest(name = "cuda, sm_{0}")
    @CsvSource({"75, 64, 32", "80, 163, 81", "86, 99, 49", "90, 227, 113", "100, 227, 113"})
    @SuppressWarnings("try") // options are set until closed
    void aDeviceTellsItsOwnNumbers(int capability, int ofBlock, int ofEachOfTwo) {
        Gpu.device();
        try (SimulatorOption gpu = SimulatorOption.capability(capability);
                CudaDevice device = new CudaDevice(0)) {
            assertEquals(ofBlock << 10, device.maxSharedBytes());
            assertEquals(ofEachOfTwo << 10, device.pairedSharedBytes());
        }
        Gpu.device().makeCurrent();
    }
}
