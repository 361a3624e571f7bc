package ddpm.engine.backend.cuda.driver;

import ddpm.engine.backend.Buffer;
import java.util.function.Consumer;
import jcuda.driver.CUdeviceptr;

/** A block of memory that the GPU reads: its own, or the host's over the bus. */
public final class CudaBuffer implements Buffer {
    private final Consumer<CudaBuffer> uses;
    private final DevicePointer pointer;
    private final long bytes;
    private final PinnedMemory host;
    private final long number;
    private boolean inUse;
    private long life;

    private CudaBuffer(Consumer<CudaBuffer> uses, DevicePointer pointer, long bytes, PinnedMemory host, long number) {
        this.uses = uses;
        this.pointer = pointer;
        this.bytes = bytes;
        this.host = host;
        this.number = number;
    }

    /** @param uses is told when somebody takes the address @param number of the block among those of its pool */
    public static CudaBuffer onDevice(Consumer<CudaBuffer> uses, DevicePointer pointer, long bytes, long number) {
        return new CudaBuffer(uses, pointer, bytes, null, number);
    }

    /** @param uses is told when somebody takes the address */
    public static CudaBuffer onHost(Consumer<CudaBuffer> uses, PinnedMemory host) {
        return new CudaBuffer(uses, host.devicePointer(), host.bytes(), host, 0);
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** For cuBLAS, cuDNN and the driver. */
    public CUdeviceptr pointer() {
        uses.accept(this);
        return pointer;
    }

    public long address() {
        uses.accept(this);
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
