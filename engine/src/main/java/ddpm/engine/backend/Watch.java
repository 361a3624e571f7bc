package ddpm.engine.backend;

/** Is told of each piece of work that a backend queues for an operation: a kernel, or a call of a library. */
public interface Watch {
    /**
     * The work is queued next.
     *
     * @param name of the kernel or of the library's function
     * @param bytes size of the buffers it is given, each time it is given them
     */
    void began(String name, long bytes);

    /** The work of the last {@link #began} is queued. */
    void ended();
}
