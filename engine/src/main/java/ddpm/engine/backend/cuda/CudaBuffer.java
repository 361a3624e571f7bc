package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import jcuda.driver.CUdeviceptr;

/** A block of memory that the GPU reads: its own, or the host's over the bus. */
final class CudaBuffer implements Buffer {
    private final DevicePointer pointer;
    private final long bytes;
    boolean inUse;

    CudaBuffer(DevicePointer pointer, long bytes) {
        this.pointer = pointer;
        this.bytes = bytes;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** For cuBLAS, cuDNN and the driver. */
    CUdeviceptr pointer() {
        return pointer;
    }

    long address() {
        return pointer.address();
    }
}
