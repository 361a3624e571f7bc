package ddpm.engine.backend.cuda.memory;

import ddpm.engine.backend.cuda.driver.CudaBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory that one call of a family needs for itself, back in the pool when it ends. The work that uses it may still be
 * queued then: the next owner's work is queued behind it.
 */
public final class Scratch implements AutoCloseable {
    private final CudaMemory memory;
    private final List<CudaBuffer> buffers = new ArrayList<>();

    public Scratch(CudaMemory memory) {
        this.memory = memory;
    }

    public CudaBuffer allocate(long bytes) {
        CudaBuffer b = memory.allocate(bytes);
        buffers.add(b);
        return b;
    }

    @Override
    public void close() {
        buffers.forEach(memory::free);
    }
}
