package ddpm.engine.backend;

import ddpm.engine.disk.MappedFile;
import java.util.Optional;

/** Memory of a backend: a caching pool, and copies to and from the host. */
public interface MemoryOps {
    /**
     * Uninitialised memory from the pool. The same sequence of allocate and free gives the same addresses.
     *
     * @throws BackendException when the device has no memory left: with the bytes asked and held
     */
    Buffer allocate(long bytes);

    /**
     * Memory of the host that operations of this backend can read, if slowly: for a data set that does not fit the device.
     * Not from the pool; {@link #free} gives it back.
     */
    Buffer allocateHost(long bytes);

    /**
     * A file's bytes as the images of {@link DiffusionOps#noiseAdd}, which reads them where they are; nothing where this
     * device cannot. Counts as no memory; {@link #free} ends its use.
     */
    default Optional<Buffer> lend(MappedFile file) {
        return Optional.empty();
    }

    /** Back to the pool; the caller must not use the buffer afterwards. */
    void free(Buffer buffer);

    void zero(Buffer buffer);

    /** y = value. @param n elements of y, F32 */
    void fill(long n, float value, Buffer y);

    /**
     * Copies to the device. The array is the caller's again when this returns; work asked for earlier still sees the old
     * values, work asked for later the new ones.
     */
    void upload(float[] from, Buffer to);

    void upload(int[] from, Buffer to);

    void upload(byte[] from, Buffer to);

    /** As the other, to the bytes from {@code at} on. */
    void upload(byte[] from, Buffer to, long at);

    void download(Buffer from, float[] to);

    void download(Buffer from, int[] to);

    void download(Buffer from, byte[] to);

    void copy(long bytes, Buffer from, Buffer to);

    Stats stats();

    /** Bytes that {@link #allocate} may still get, as far as the system tells; at least what is cached. */
    long availableBytes();

    /** Starts a new count of {@link Stats#peakBytes}. */
    void resetPeak();

    /** Gives cached memory that nobody uses back to the system. */
    void trim();

    /**
     * @param usedBytes in buffers handed out now
     * @param reservedBytes held from the system, used or cached
     * @param peakBytes the largest usedBytes since {@link #resetPeak}
     */
    record Stats(long usedBytes, long reservedBytes, long peakBytes) {}
}
