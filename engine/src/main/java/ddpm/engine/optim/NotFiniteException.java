package ddpm.engine.optim;

/** A NaN or an infinity where training cannot go on; the parameters are still those before the step. */
public final class NotFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotFiniteException(String message) {
        super(message);
    }
}
