package ddpm.train.checkpoint;

import java.io.IOException;

/** A checkpoint that cannot be saved, found, read or used; the message says what to do. */
public final class CheckpointException extends IOException {
    private static final long serialVersionUID = 1;

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
