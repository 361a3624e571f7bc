package ddpm.engine.backend.cpu.memory;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.address;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.ints;

import com.sun.management.OperatingSystemMXBean;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.OutOfMemoryException;
import ddpm.engine.disk.MappedFile;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.Comparator;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;

/**
 * A pool of native blocks, cached by size: a training step asks for the same sizes again and again. Sizes are rounded up
 * to an eighth of their power of two, so that at most an eighth is wasted and blocks are shared between similar sizes. Where
 * no block of a size is free, one of up to twice the size is lent before a new one is made: what the forward needs and the
 * backward does not need not lie idle (docs/decisions/0016).
 *
 * <p>Of the free blocks of a size the one at the lowest address is handed out, so the same sequence of allocate and free gives the same
 * blocks whatever order the step before gave them back in.
 */
public final class CpuMemory implements MemoryOps {
    private static final long SMALLEST = 256;

    /** How much larger than asked for a block may be. */
    private static final long LARGEST_RATIO = 2;

    private final NavigableMap<Long, PriorityQueue<CpuBuffer>> cached = new TreeMap<>();
    private long used;
    private long reserved;
    private long peak;

    @Override
    public CpuBuffer allocate(long bytes) {
        long size = roundUp(bytes);
        CpuBuffer b = smallestFree(size);
        if (b == null) {
            b = fresh(size);
            reserved += size;
        }
        b.take(size);
        used += size;
        peak = Math.max(peak, used);
        return b;
    }

    /** Null where none fits. */
    private CpuBuffer smallestFree(long size) {
        return cached.subMap(size, true, LARGEST_RATIO * size, true).values().stream()
                .map(PriorityQueue::poll)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** All memory is the host's. */
    @Override
    public CpuBuffer allocateHost(long bytes) {
        return allocate(bytes);
    }

    @Override
    public Optional<Buffer> lend(MappedFile file) {
        return Optional.of(new MappedBuffer(file));
    }

    private CpuBuffer fresh(long size) {
        CpuBuffer b = CpuBuffer.malloc(size);
        if (b == null) {
            trim();
            b = CpuBuffer.malloc(size);
        }
        if (b == null) {
            throw new OutOfMemoryException(
                    "cpu: out of memory asking for " + size + " bytes while " + used + " bytes are in use",
                    "use a smaller batch");
        }
        return b;
    }

    static long roundUp(long bytes) {
        if (bytes <= SMALLEST) {
            return SMALLEST;
        }
        long step = Math.max(SMALLEST, Long.highestOneBit(bytes - 1) / 8);
        return (bytes + step - 1) / step * step;
    }

    @Override
    public void free(Buffer buffer) {
        if (buffer instanceof MappedBuffer) {
            return; // its pages are the system's
        }
        CpuBuffer b = (CpuBuffer) buffer;
        b.giveBack();
        used -= b.bytes();
        cached.computeIfAbsent(b.capacity(), s -> new PriorityQueue<>(Comparator.comparingLong(c -> c.address())))
                .add(b);
    }

    @Override
    public void zero(Buffer buffer) {
        zero(buffer.bytes(), buffer);
    }

    /** Zeros the first bytes: a tensor, not the rest of its block. */
    public void zero(long bytes, Buffer buffer) {
        Pointer.memset(at(address(buffer)), 0, bytes);
    }

    @Override
    public void fill(long n, float value, Buffer y) {
        FloatBuffer floats = floats(y);
        for (int i = 0; i < n; i++) {
            floats.put(i, value);
        }
    }

    @Override
    public void upload(float[] from, Buffer to) {
        floats(to).put(0, from);
    }

    @Override
    public void upload(int[] from, Buffer to) {
        ints(to).put(0, from);
    }

    @Override
    public void upload(byte[] from, Buffer to) {
        upload(from, to, 0);
    }

    @Override
    public void upload(byte[] from, Buffer to, long at) {
        ((CpuBuffer) to).view().put(Math.toIntExact(at), from);
    }

    @Override
    public void download(Buffer from, float[] to) {
        floats(from).get(0, to);
    }

    @Override
    public void download(Buffer from, int[] to) {
        ints(from).get(0, to);
    }

    @Override
    public void download(Buffer from, byte[] to) {
        ((CpuBuffer) from).view().get(0, to);
    }

    @Override
    public void copy(long bytes, Buffer from, Buffer to) {
        copy(bytes, address(from), address(to));
    }

    /** Copies between addresses. */
    public static void copy(long bytes, long from, long to) {
        Pointer.memcpy(at(to), at(from), bytes);
    }

    @Override
    public Stats stats() {
        return new Stats(used, reserved, peak);
    }

    @Override
    public long availableBytes() {
        return Math.max(0, physicalBytes() - used);
    }

    @Override
    public void resetPeak() {
        peak = used;
    }

    @Override
    public void trim() {
        for (PriorityQueue<CpuBuffer> blocks : cached.values()) {
            for (CpuBuffer b : blocks) {
                reserved -= b.capacity();
                b.release();
            }
        }
        cached.clear();
    }

    private static Pointer at(long address) {
        Address a = new Address();
        a.set(address);
        return a;
    }

    /** Memory of this machine, or of the container it runs in. */
    public static long physicalBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
