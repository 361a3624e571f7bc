package ddpm.engine.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** Host memory that the system does not move, so that the GPU copies from it, or reads it, while the host goes on. */
public final class PinnedMemory implements AutoCloseable {
    private final Pointer pointer = new Pointer();
    private final DevicePointer devicePointer = new DevicePointer();
    private final long bytes;

    /** For the GPU whose context is the calling thread's, see {@link CudaDevice#makeCurrent}. */
    public PinnedMemory(long bytes) {
        this.bytes = bytes;
        CudaStatus.check(
                JCudaDriver.cuMemHostAlloc(pointer, bytes, JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP),
                () -> "pinning " + bytes + " bytes of the host's memory");
        try (Opening opening = new Opening()) {
            opening.opened(this::close);
            CudaStatus.check(
                    JCudaDriver.cuMemHostGetDevicePointer(devicePointer, pointer, 0),
                    () -> "mapping " + bytes + " bytes of the host's memory");
            opening.succeeded();
        }
    }

    long bytes() {
        return bytes;
    }

    /** A place in the memory, for copies. */
    public Pointer at(long offset) {
        return pointer.withByteOffset(offset);
    }

    /** What kernels read. */
    DevicePointer devicePointer() {
        return devicePointer;
    }

    /** At most 2 GiB of the memory, for the host to read and write. */
    public ByteBuffer view(long offset, long length) {
        return pointer.getByteBuffer(offset, length).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        CudaStatus.check(JCudaDriver.cuMemFreeHost(pointer), () -> "freeing " + bytes + " pinned bytes");
    }
}
