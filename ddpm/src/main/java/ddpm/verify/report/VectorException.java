package ddpm.verify.report;

/** Reference vectors that cannot be used: something is missing, or is not what the format says. One sentence. */
public final class VectorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public VectorException(String message) {
        super(message);
    }
}
