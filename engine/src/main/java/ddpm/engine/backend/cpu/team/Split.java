package ddpm.engine.backend.cpu.team;

/**
 * n items cut into parts of equal size, the last perhaps smaller: a part per thread, as one oneDNN call costs some
 * microseconds whatever its size.
 *
 * @param n items
 * @param size of every part but the last
 */
public record Split(long n, long size) {
    public static Split of(long n, int threads) {
        return new Split(n, Math.max(1, (n + threads - 1) / threads));
    }

    /** As {@link #of} with parts of at least {@code smallest} items. */
    public static Split of(long n, int threads, long smallest) {
        return new Split(n, Math.max(of(n, threads).size, smallest));
    }

    /** Parts of at most {@code most} items, as equal as can be. */
    public static Split atMost(long n, long most) {
        return of(n, new Split(n, most).count());
    }

    public int count() {
        return (int) ((n + size - 1) / size);
    }

    public long from(long part) {
        return part * size;
    }

    public long length(long part) {
        return Math.min(size, n - part * size);
    }
}
