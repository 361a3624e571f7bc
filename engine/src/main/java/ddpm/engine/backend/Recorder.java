package ddpm.engine.backend;

/**
 * Runs the same work again and again; a device that can, records it once and replays it as a whole.
 *
 * <p>A body works on memory that stays where it is, besides what it allocates and frees itself, and neither uploads nor
 * downloads nor synchronises: numbers that change lie in device memory and are written before {@link #run}. All that the
 * body does on the host, such as counting, happens in the first runs only.
 *
 * <p>What the body allocates stays set aside for it, also between runs, until {@link #close}: memory that others ask for
 * later is never overwritten by a replay.
 */
public interface Recorder extends AutoCloseable {
    /**
     * Does what {@code body} does.
     *
     * @param key of the recording: equal keys stand for the same work on the same memory
     */
    void run(Object key, Runnable body);

    /** Forgets the recordings. */
    @Override
    void close();

    /** Runs every body as it is. */
    static Recorder none() {
        return new Recorder() {
            @Override
            public void run(Object key, Runnable body) {
                body.run();
            }

            @Override
            public void close() {
                // nothing was recorded
            }
        };
    }
}
