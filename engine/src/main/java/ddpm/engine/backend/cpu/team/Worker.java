package ddpm.engine.backend.cpu.team;

import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.onednn.DnnlContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What one thread of the team has to itself: oneDNN's stream and primitives, and scratch memory. */
public final class Worker implements AutoCloseable {
    private final List<float[]> scratch = new ArrayList<>();
    private final List<int[]> ints = new ArrayList<>();
    private final List<CpuBuffer> nativeScratch = new ArrayList<>();
    private byte[] bytes = new byte[0];
    private DnnlContext context;

    /** oneDNN for this thread; only from work running on it. */
    public DnnlContext context() {
        if (context == null) {
            context = new DnnlContext();
        }
        return context;
    }

    /** Whether {@link #context} has been made: for reports. */
    public boolean hasContext() {
        return context != null;
    }

    /** Scratch array number {@code slot}, at least {@code length} long, with whatever was left in it. */
    public float[] floats(int slot, int length) {
        while (scratch.size() <= slot) {
            scratch.add(new float[0]);
        }
        if (scratch.get(slot).length < length) {
            scratch.set(slot, new float[length]);
        }
        return scratch.get(slot);
    }

    /** Scratch array of ints number {@code slot}, at least {@code length} long, with whatever was left in it. */
    public int[] ints(int slot, int length) {
        while (ints.size() <= slot) {
            ints.add(new int[0]);
        }
        if (ints.get(slot).length < length) {
            ints.set(slot, new int[length]);
        }
        return ints.get(slot);
    }

    /** A scratch array of bytes, at least {@code length} long, with whatever was left in it. */
    public byte[] bytes(int length) {
        if (bytes.length < length) {
            bytes = new byte[length];
        }
        return bytes;
    }

    /** Scratch arrays number {@code slot} .. slot + count - 1, each at least {@code length} long. */
    public float[][] floats(int slot, int count, int length) {
        float[][] arrays = new float[count][];
        for (int i = 0; i < count; i++) {
            arrays[i] = floats(slot + i, length);
        }
        return arrays;
    }

    /** Native scratch memory number {@code slot}, room for at least {@code length} floats. */
    public CpuBuffer natives(int slot, long length) {
        while (nativeScratch.size() <= slot) {
            nativeScratch.add(null);
        }
        CpuBuffer have = nativeScratch.get(slot);
        if (have == null || have.bytes() < length * Float.BYTES) {
            if (have != null) {
                have.release();
            }
            nativeScratch.set(slot, CpuBuffer.require(length * Float.BYTES));
        }
        return nativeScratch.get(slot);
    }

    /** Native scratch memory number {@code slot} with the first {@code length} of {@code values}. */
    public CpuBuffer natives(int slot, float[] values, int length) {
        CpuBuffer b = natives(slot, length);
        b.floats().put(0, values, 0, length);
        return b;
    }

    /** After the thread has ended. */
    @Override
    public void close() {
        nativeScratch.stream().filter(Objects::nonNull).forEach(CpuBuffer::release);
        nativeScratch.clear();
        if (context != null) {
            context.close();
            context = null;
        }
    }
}
