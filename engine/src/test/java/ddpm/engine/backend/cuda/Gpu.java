package ddpm.engine.backend.cuda;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.load.CudaLibraries;
import ddpm.engine.testing.Devices;
import org.junit.jupiter.api.Assumptions;

/** The GPU of the tests, real or simulated, opened on first use. */
public final class Gpu {
    private static CudaDevice device;

    private Gpu() {}

    /** Ends the test as skipped where there is neither a GPU nor the simulator. */
    public static CudaDevice device() {
        if (device == null) {
            try {
                CudaLibraries.load();
                device = new CudaDevice(0);
            } catch (BackendException e) {
                if (Devices.cudaRequired()) {
                    throw e;
                }
                Assumptions.abort("no GPU and no simulator: " + e.getMessage());
            }
        }
        return device;
    }
}
