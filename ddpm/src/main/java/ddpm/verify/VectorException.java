package ddpm.verify;

/** Reference vectors that cannot be used: something is missing, or is not what the format says. One sentence. */
final class VectorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    VectorException(String message) {
        super(message);
    }
}
