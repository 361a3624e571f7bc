package ddpm.data;

import ddpm.DataException;
import ddpm.Invocation;
import java.io.IOException;

/** An image takes more memory while it is decoded than Java has. The message is what it takes, without the file. */
public final class HeapTooSmallException extends IOException {
    private static final long serialVersionUID = 1;

    private final long bytes;

    /** @param bytes that Java needs for it */
    public HeapTooSmallException(String message, long bytes) {
        super(message);
        this.bytes = bytes;
    }

    /** One sentence for the user about {@code file}. */
    public DataException about(String file) {
        long megabytes = (bytes * 5 / 4 >> 20) + 64; // images get four fifths of the heap
        return new DataException(
                file + ": " + getMessage() + "; give Java more memory with "
                        + Invocation.withJava("-Xmx" + megabytes + "m") + ", or make the image smaller",
                this);
    }
}
