package ddpm.engine.tensor;

/** A tensor was used in a way that cannot work: shapes that disagree, memory that is gone, another backend. */
public final class TensorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TensorException(String message) {
        super(message);
    }
}
