package ddpm.engine.backend.cpu.memory;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.OutOfMemoryException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.Pointer;

/**
 * A block of native memory, aligned to a cache line. Java reads it through NIO views, oneDNN through its address; families
 * import the three static methods that give these of a {@link Buffer} they were handed.
 */
public final class CpuBuffer implements Buffer {
    static final int ALIGNMENT = 64;

    private final Pointer base; // what malloc returned
    private final long address;
    private final long capacity;
    private final ByteBuffer view;
    private final FloatBuffer floats;
    private final IntBuffer ints;
    private long bytes;
    private boolean inUse;

    private CpuBuffer(Pointer base, long capacity) {
        this.base = base;
        this.capacity = capacity;
        this.bytes = capacity;
        this.address = (base.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        this.view = new Pointer(base) {
            {
                address = CpuBuffer.this.address;
                limit = capacity = CpuBuffer.this.capacity;
            }
        }.asByteBuffer().slice(0, (int) capacity).order(ByteOrder.nativeOrder()); // JavaCPP takes a Pointer for 8 bytes
        this.floats = view.asFloatBuffer();
        this.ints = view.asIntBuffer();
    }

    /** Null where the system has no memory left. @throws BackendException above 2 GiB, the limit of an NIO view */
    static CpuBuffer malloc(long bytes) {
        if (bytes > Integer.MAX_VALUE) {
            throw new BackendException(
                    "cpu: one tensor of " + bytes + " bytes exceeds the limit of 2 GiB per tensor",
                    "use a smaller batch or image");
        }
        Pointer p = Pointer.malloc(bytes + ALIGNMENT);
        return p == null || p.isNull() ? null : new CpuBuffer(p, bytes);
    }

    /** As {@link #malloc}. @throws OutOfMemoryException where the system has no memory left */
    public static CpuBuffer require(long bytes) {
        CpuBuffer b = malloc(bytes);
        if (b == null) {
            throw new OutOfMemoryException("cpu: out of memory asking for " + bytes + " bytes", "use a smaller batch");
        }
        return b;
    }

    /** The floats of a buffer of this backend. */
    public static FloatBuffer floats(Buffer b) {
        return ((CpuBuffer) b).floats;
    }

    /** The ints of a buffer of this backend. */
    public static IntBuffer ints(Buffer b) {
        return ((CpuBuffer) b).ints;
    }

    /** Where a buffer of this backend begins. */
    public static long address(Buffer b) {
        return ((CpuBuffer) b).address;
    }

    /** Begins a use that needs {@code needed} bytes, at most the capacity. */
    void take(long needed) {
        bytes = needed;
        inUse = true;
    }

    /** Ends it. @throws IllegalStateException where it has ended before */
    void giveBack() {
        if (!inUse) {
            throw new IllegalStateException("buffer of " + bytes + " bytes freed twice");
        }
        inUse = false;
    }

    public void release() {
        Pointer.free(base);
    }

    /** Of the block; {@link #bytes} are those of its present use. */
    long capacity() {
        return capacity;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    public long address() {
        return address;
    }

    /** Of float number {@code at}. */
    public long address(long at) {
        return address + at * Float.BYTES;
    }

    public ByteBuffer view() {
        return view;
    }

    public FloatBuffer floats() {
        return floats;
    }

    public IntBuffer ints() {
        return ints;
    }

    /** Word {@code at}, whose bits are a float's. */
    public float floatOfWord(int at) {
        return Float.intBitsToFloat(ints.get(at));
    }
}
