package ddpm.engine.backend.cuda.memory;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.CudaStatus;
import ddpm.engine.backend.cuda.driver.DevicePointer;
import ddpm.engine.backend.cuda.driver.HostArray;
import ddpm.engine.backend.cuda.driver.PinnedMemory;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import jcuda.driver.JCudaDriver;

/**
 * A pool of blocks of the GPU's memory, cached by size as {@code CpuMemory} does. Of the free blocks of a size the oldest is
 * handed out: then the same sequence of allocate and free gives the same addresses from its first run on, also where the
 * driver's addresses do not grow.
 *
 * <p>There is one stream: memory freed while kernels that use it are still queued is safe to hand out again, since whatever
 * the next owner does is queued behind them.
 */
public final class CudaMemory implements MemoryOps, AutoCloseable {
    private static final long SMALLEST = 256;

    /** For tests: a block has the size asked for, so that whoever watches blocks sees an access just behind a tensor. */
    private static final boolean EXACT = Boolean.getBoolean("ddpm.cuda.exact");

    private final CudaDevice device;
    private final Staging staging;
    private final Map<Long, PriorityQueue<CudaBuffer>> cached = new TreeMap<>();
    private final Set<CudaBuffer> live = new HashSet<>();
    private final long mostBytes;
    private Runnable beforeTrim = () -> {};
    private long blocks;
    private long used;
    private long reserved;
    private long peak;

    public CudaMemory(CudaDevice device) {
        this(device, Long.MAX_VALUE);
    }

    /** @param mostBytes what the pool may hold, for tests: as if the GPU had no more */
    public CudaMemory(CudaDevice device, long mostBytes) {
        this.device = device;
        this.mostBytes = mostBytes;
        this.staging = new Staging(device);
    }

    /** Called before blocks go back to the driver: graphs that know their addresses must go first. */
    public void beforeTrim(Runnable action) {
        beforeTrim = action;
    }

    @Override
    public CudaBuffer allocate(long bytes) {
        long size = roundUp(bytes);
        PriorityQueue<CudaBuffer> free = cached.get(size);
        CudaBuffer b = free == null ? null : free.poll();
        if (b == null) {
            b = fresh(size);
            reserved += size;
        }
        handOut(b);
        device.allocated(b);
        return b;
    }

    private void handOut(CudaBuffer b) {
        b.begin();
        live.add(b);
        used += b.bytes();
        peak = Math.max(peak, used);
    }

    private CudaBuffer fresh(long size) {
        DevicePointer p = new DevicePointer();
        int status = ask(p, size);
        if (status == CudaStatus.OUT_OF_MEMORY && !device.recording()) {
            trim();
            status = ask(p, size);
        }
        if (status == CudaStatus.OUT_OF_MEMORY) {
            throw MemoryReport.outOfMemory(device, size, stats(), live);
        }
        CudaStatus.check(status, () -> "allocating " + size + " bytes");
        return CudaBuffer.onDevice(device::used, p, size, ++blocks);
    }

    private int ask(DevicePointer p, long size) {
        if (size > mostBytes - reserved) {
            return CudaStatus.OUT_OF_MEMORY;
        }
        device.makeCurrent();
        return JCudaDriver.cuMemAlloc(p, size);
    }

    static long roundUp(long bytes) {
        if (EXACT) {
            return Math.max(1, bytes);
        }
        if (bytes <= SMALLEST) {
            return SMALLEST;
        }
        long step = Math.max(SMALLEST, Long.highestOneBit(bytes - 1) / 8);
        return (bytes + step - 1) / step * step;
    }

    @Override
    public CudaBuffer allocateHost(long bytes) {
        device.requireNotRecording("allocateHost");
        device.makeCurrent();
        CudaBuffer b = CudaBuffer.onHost(device::used, new PinnedMemory(Math.max(SMALLEST, bytes)));
        b.begin();
        return b;
    }

    @Override
    public void free(Buffer buffer) {
        CudaBuffer b = (CudaBuffer) buffer;
        if (!b.inUse()) {
            throw new IllegalStateException("buffer of " + b.bytes() + " bytes freed twice");
        }
        if (b.host() != null) {
            device.synchronize(); // kernels may still read it
            b.end();
            b.host().close();
            return;
        }
        device.freed(b);
        b.end();
        live.remove(b);
        used -= b.bytes();
        cached.computeIfAbsent(b.bytes(), s -> new PriorityQueue<>(Comparator.comparingLong(CudaBuffer::number)))
                .add(b);
    }

    @Override
    public void zero(Buffer buffer) {
        device.makeCurrent();
        device.began("memset", buffer.bytes());
        CudaStatus.check(
                JCudaDriver.cuMemsetD8Async(((CudaBuffer) buffer).pointer(), (byte) 0, buffer.bytes(), device.stream()),
                () -> "zeroing " + buffer.bytes() + " bytes");
        device.ended();
    }

    @Override
    public void fill(long n, float value, Buffer y) {
        device.makeCurrent();
        device.began("memset", n * Float.BYTES);
        CudaStatus.check(
                JCudaDriver.cuMemsetD32Async(
                        within(y, n * Float.BYTES, "fill").pointer(),
                        Float.floatToRawIntBits(value),
                        n,
                        device.stream()),
                () -> "filling " + n + " floats");
        device.ended();
    }

    @Override
    public void upload(float[] from, Buffer to) {
        upload(HostArray.of(from), to, 0);
    }

    @Override
    public void upload(int[] from, Buffer to) {
        upload(HostArray.of(from), to, 0);
    }

    @Override
    public void upload(byte[] from, Buffer to) {
        upload(HostArray.of(from), to, 0);
    }

    @Override
    public void upload(byte[] from, Buffer to, long at) {
        upload(HostArray.of(from), to, at);
    }

    private void upload(HostArray from, Buffer to, long at) {
        device.requireNotRecording("upload");
        CudaBuffer target = within(to, at + from.bytes(), "upload");
        if (target.host() == null) {
            staging.upload(from, target.pointer().withByteOffset(at));
            return;
        }
        device.synchronize(); // kernels may still read what was there
        for (long done = 0; done < from.bytes(); done += Staging.PIECE_BYTES) {
            long length = Math.min(Staging.PIECE_BYTES, from.bytes() - done);
            from.write(done, target.host().view(at + done, length));
        }
    }

    @Override
    public void download(Buffer from, float[] to) {
        download(from, HostArray.of(to));
    }

    @Override
    public void download(Buffer from, int[] to) {
        download(from, HostArray.of(to));
    }

    @Override
    public void download(Buffer from, byte[] to) {
        download(from, HostArray.of(to));
    }

    private void download(Buffer from, HostArray to) {
        device.requireNotRecording("download");
        CudaBuffer source = within(from, to.bytes(), "download");
        if (source.host() == null) {
            staging.download(source.pointer(), to);
            return;
        }
        device.synchronize(); // kernels may still write it
        for (long at = 0; at < to.bytes(); at += Staging.PIECE_BYTES) {
            to.read(at, source.host().view(at, Math.min(Staging.PIECE_BYTES, to.bytes() - at)));
        }
    }

    private static CudaBuffer within(Buffer buffer, long bytes, String what) {
        if (bytes > buffer.bytes()) {
            throw new BackendException("cuda: " + what + " of " + bytes + " bytes, the buffer has " + buffer.bytes());
        }
        return (CudaBuffer) buffer;
    }

    @Override
    public void copy(long bytes, Buffer from, Buffer to) {
        device.makeCurrent();
        device.began("memcpy", 2 * bytes);
        CudaStatus.check(
                JCudaDriver.cuMemcpyDtoDAsync(
                        within(to, bytes, "copy").pointer(),
                        within(from, bytes, "copy").pointer(),
                        bytes,
                        device.stream()),
                () -> "copying " + bytes + " bytes");
        device.ended();
    }

    @Override
    public Stats stats() {
        return new Stats(used, reserved, peak);
    }

    @Override
    public long availableBytes() {
        return reserved - used + device.memory()[0];
    }

    @Override
    public void resetPeak() {
        peak = used;
    }

    @Override
    public void trim() {
        device.requireNotRecording("trim");
        device.synchronize(); // kernels that use the blocks may still be queued
        beforeTrim.run();
        cached.values().forEach(free -> free.forEach(this::release));
        cached.clear();
    }

    private void release(CudaBuffer b) {
        reserved -= b.bytes();
        CudaStatus.check(JCudaDriver.cuMemFree(b.pointer()), () -> "freeing " + b.bytes() + " bytes");
    }

    /** Gives all memory back, also what was never freed. */
    @Override
    public void close() {
        trim();
        live.forEach(this::release);
        live.clear();
        used = 0;
        staging.close();
    }
}
