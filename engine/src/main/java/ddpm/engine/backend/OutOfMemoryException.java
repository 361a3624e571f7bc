package ddpm.engine.backend;

/** The device has no memory left for what was asked, not even with every cached block given back. */
public final class OutOfMemoryException extends BackendException {
    private static final long serialVersionUID = 1L;

    /** @param message what was asked, what is there, who has it */
    public OutOfMemoryException(String message) {
        super(message);
    }
}
