package ddpm.data;

/** Data that cannot be used. The message is one sentence for the user: what, expected and found, and the remedy. */
public class DataException extends RuntimeException {
    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
