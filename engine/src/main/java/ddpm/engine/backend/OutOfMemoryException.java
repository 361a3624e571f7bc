package ddpm.engine.backend;

/** The device has no memory left for what was asked, not even with every cached block given back. */
public final class OutOfMemoryException extends BackendException {
    private static final long serialVersionUID = 1L;

    /** @param problem what was asked, what is there @param remedy may go on in further lines, such as who has the memory */
    public OutOfMemoryException(String problem, String remedy) {
        this(problem, remedy, null);
    }

    public OutOfMemoryException(String problem, String remedy, Throwable cause) {
        super(problem, remedy, null, cause);
    }
}
