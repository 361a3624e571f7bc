package ddpm.engine.backend.cuda.kernel;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.memory.SlotList;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** One launch of a kernel: the size of the grid, then the arguments in the order of the kernel's header. */
public final class Launch {
    private final CudaKernel kernel;
    private final int x;
    private final int y;
    private final List<ArgKind> kinds = new ArrayList<>();
    private int threads;
    private int sharedBytes;
    private long bytes;

    Launch(CudaKernel kernel, int x, int y) {
        this.kernel = kernel;
        this.x = x;
        this.y = y;
    }

    public Launch threads(int perBlock) {
        threads = perBlock;
        return this;
    }

    /** Dynamic shared memory of each block, up to what the GPU has. */
    public Launch sharedBytes(int bytes) {
        sharedBytes = bytes;
        return this;
    }

    /** The buffer's address; null passes a null pointer. */
    public Launch arg(Buffer b) {
        return arg(b, 0);
    }

    /** The address so many bytes behind the buffer's start. */
    public Launch arg(Buffer b, long offsetBytes) {
        int at = next(ArgKind.POINTER, 8);
        bytes += b == null ? 0 : b.bytes() - offsetBytes;
        if (at >= 0) {
            kernel.block().putLong(at, b == null ? 0 : ((CudaBuffer) b).address() + offsetBytes);
        }
        return this;
    }

    public Launch arg(int v) {
        int at = next(ArgKind.INT, 4);
        if (at >= 0) {
            kernel.block().putInt(at, v);
        }
        return this;
    }

    public Launch arg(long v) {
        int at = next(ArgKind.LONG, 8);
        if (at >= 0) {
            kernel.block().putLong(at, v);
        }
        return this;
    }

    public Launch arg(float v) {
        int at = next(ArgKind.FLOAT, 4);
        if (at >= 0) {
            kernel.block().putFloat(at, v);
        }
        return this;
    }

    /** A struct by value: the bytes from the buffer's position to its limit, laid out as C does. */
    public Launch arg(ByteBuffer struct) {
        int at = next(ArgKind.STRUCT, struct.remaining());
        if (at >= 0) {
            kernel.block().put(at, struct, struct.position(), struct.remaining());
        }
        return this;
    }

    /** The struct of a list of slots. */
    public Launch arg(SlotList list) {
        bytes += list.bytes();
        return arg(list.struct());
    }

    /** Where the argument belongs in the block; -1 where the kernel does not take it there, which {@link #run} reports. */
    private int next(ArgKind kind, int bytes) {
        KernelSignature s = kernel.signature();
        int i = kinds.size();
        kinds.add(kind);
        if (i >= s.kinds().size() || !s.kinds().get(i).takes(kind)) {
            return -1;
        }
        if (s.sizes().get(i) != bytes) {
            throw new BackendException("cuda: kernel " + s.name() + " takes a struct of "
                    + s.sizes().get(i) + " bytes as argument " + i + ", launched with one of " + bytes);
        }
        return s.offsets().get(i);
    }

    /** Queues the launch; returns at once. */
    public void run() {
        KernelSignature s = kernel.signature();
        boolean fits = kinds.size() == s.kinds().size();
        for (int i = 0; fits && i < kinds.size(); i++) {
            fits = s.kinds().get(i).takes(kinds.get(i));
        }
        if (!fits) {
            throw new BackendException("cuda: kernel " + s.name() + " takes " + ArgKind.describe(s.kinds())
                    + ", launched with " + ArgKind.describe(kinds));
        }
        if (threads < 1 || threads > 1024) {
            throw new BackendException(
                    "cuda: kernel " + s.name() + " launched with " + threads + " threads per block; 1 to 1024");
        }
        kernel.launch(x, y, threads, sharedBytes, bytes);
    }
}
