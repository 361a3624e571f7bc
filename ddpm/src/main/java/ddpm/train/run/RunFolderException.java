package ddpm.train.run;

import java.io.IOException;

/** A run folder that cannot be used, or whose metrics cannot be read or written; the message says what to do. */
public final class RunFolderException extends IOException {
    private static final long serialVersionUID = 1;

    RunFolderException(String message, Throwable cause) {
        super(message, cause);
    }
}
