package ddpm;

/** Data that cannot be used. The message is one sentence for the user: what, expected and found, and the remedy. */
public class DataException extends RuntimeException {
    /** {@code message} is shown with escapes for line breaks and other controls, which a file's name may hold. */
    public DataException(String message) {
        super(Printable.text(message));
    }

    /** As {@link #DataException(String)}, with what led to it. */
    public DataException(String message, Throwable cause) {
        super(Printable.text(message), cause);
    }
}
