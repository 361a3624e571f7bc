package ddpm.engine.backend.cuda.driver;

import jcuda.driver.CUdeviceptr;

/** JCuda's device pointer, whose address can be read: kernels get it as an argument, or in a list of addresses. */
public final class DevicePointer extends CUdeviceptr {
    long address() {
        return getNativePointer();
    }
}
