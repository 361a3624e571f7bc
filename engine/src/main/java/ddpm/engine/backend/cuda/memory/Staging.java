package ddpm.engine.backend.cuda.memory;

import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.CudaStatus;
import ddpm.engine.backend.cuda.driver.HostArray;
import ddpm.engine.backend.cuda.driver.PinnedMemory;
import java.util.ArrayDeque;
import java.util.Deque;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * A ring of pinned memory between Java's arrays and the GPU. An upload copies the array into the ring and returns; an
 * event behind each piece tells when its place may be used again. Large transfers go in pieces, so that the host fills one
 * while the GPU fetches another.
 */
final class Staging implements AutoCloseable {
    static final int RING_BYTES = 16 << 20;
    static final int PIECE_BYTES = 4 << 20;
    private static final int MOST_IN_FLIGHT = 64;
    private static final int ALIGNMENT = 256;

    /** A piece that the GPU may still be reading. */
    private record Flight(int from, int to, CUevent done) {}

    private final CudaDevice device;
    private final PinnedMemory ring;
    private final Deque<Flight> flights = new ArrayDeque<>(); // in the order of the stream
    private final Deque<CUevent> events = new ArrayDeque<>(); // for use again
    private int head;

    Staging(CudaDevice device) {
        this.device = device;
        device.makeCurrent();
        this.ring = new PinnedMemory(RING_BYTES);
    }

    /** Queues a copy to the GPU; the array may be changed afterwards. */
    void upload(HostArray from, CUdeviceptr to) {
        long bytes = from.bytes();
        device.makeCurrent();
        for (long done = 0; done < bytes; done += PIECE_BYTES) {
            int length = (int) Math.min(PIECE_BYTES, bytes - done);
            int at = reserve(length);
            from.write(done, ring.view(at, length));
            CudaStatus.check(
                    JCudaDriver.cuMemcpyHtoDAsync(to.withByteOffset(done), ring.at(at), length, device.stream()),
                    () -> "uploading " + bytes + " bytes");
            flights.add(new Flight(at, at + length, mark()));
        }
    }

    /** Copies from the GPU; returns when the host has it all. */
    void download(CUdeviceptr from, HostArray to) {
        long bytes = to.bytes();
        device.makeCurrent();
        for (long done = 0; done < bytes; done += PIECE_BYTES) {
            int length = (int) Math.min(PIECE_BYTES, bytes - done);
            int at = reserve(length);
            CudaStatus.check(
                    JCudaDriver.cuMemcpyDtoHAsync(ring.at(at), from.withByteOffset(done), length, device.stream()),
                    () -> "downloading " + bytes + " bytes");
            device.synchronize();
            to.read(done, ring.view(at, length));
        }
    }

    /** A free place in the ring; waits for the GPU where it is still behind. */
    private int reserve(int length) {
        if (head + length > RING_BYTES) {
            head = 0;
        }
        int from = head;
        int to = from + length;
        while (flights.size() >= MOST_IN_FLIGHT || flights.stream().anyMatch(f -> f.from() < to && from < f.to())) {
            landOldest();
        }
        head = (to + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return from;
    }

    private void landOldest() {
        Flight oldest = flights.remove();
        CudaStatus.check(JCudaDriver.cuEventSynchronize(oldest.done()), "waiting for an upload");
        events.add(oldest.done());
    }

    private CUevent mark() {
        CUevent event = events.poll();
        if (event == null) {
            event = new CUevent();
            CudaStatus.check(
                    JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "making an event");
        }
        CudaStatus.check(JCudaDriver.cuEventRecord(event, device.stream()), "marking an upload");
        return event;
    }

    @Override
    public void close() {
        while (!flights.isEmpty()) {
            landOldest();
        }
        events.forEach(JCudaDriver::cuEventDestroy);
        events.clear();
        ring.close();
    }
}
