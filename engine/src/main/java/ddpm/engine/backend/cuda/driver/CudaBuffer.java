package ddpm.engine.backend.cuda.driver;

import ddpm.engine.backend.Buffer;
import jcuda.driver.CUdeviceptr;

/** A block of memory that the GPU reads: its own, or the host's over the bus. */
public final class CudaBuffer implements Buffer {
    private final CudaDevice device;
    private final DevicePointer pointer;
    private final long bytes;
    private final PinnedMemory host;
    private final long number;
    private boolean inUse;
    private long life;

    private CudaBuffer(CudaDevice device, DevicePointer pointer, long bytes, PinnedMemory host, long number) {
        this.device = device;
        this.pointer = pointer;
        this.bytes = bytes;
        this.host = host;
        this.number = number;
    }

    /** @param number of the block among those of its pool */
    public static CudaBuffer onDevice(CudaDevice device, DevicePointer pointer, long bytes, long number) {
        return new CudaBuffer(device, pointer, bytes, null, number);
    }

    public static CudaBuffer onHost(CudaDevice device, PinnedMemory host) {
        return new CudaBuffer(device, host.devicePointer(), host.bytes(), host, 0);
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** For cuBLAS, cuDNN and the driver. */
    public CUdeviceptr pointer() {
        device.used(this);
        return pointer;
    }

    public long address() {
        device.used(this);
        return pointer.address();
    }

    /** The memory behind a buffer of the host; null for the GPU's own. */
    public PinnedMemory host() {
        return host;
    }

    /** The order in which the pool got its blocks, and hands them out. */
    public long number() {
        return number;
    }

    public void begin() {
        inUse = true;
        life++;
    }

    public void end() {
        inUse = false;
    }

    public boolean inUse() {
        return inUse;
    }

    /** Counts how often the block was handed out: the same number means the same tensor. */
    long life() {
        return life;
    }
}
