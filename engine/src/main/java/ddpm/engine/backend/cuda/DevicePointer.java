package ddpm.engine.backend.cuda;

import jcuda.driver.CUdeviceptr;

/** JCuda's device pointer, whose address can be read: the pool orders blocks by it. */
final class DevicePointer extends CUdeviceptr {
    long address() {
        return getNativePointer();
    }
}
