package ddpm.engine.backend.cuda;

import jcuda.driver.JCudaDriver;

final class CudaLibraries {
    private CudaLibraries() {}

    static void load() {
        JCudaDriver.setExceptionsEnabled(false);
    }
}
