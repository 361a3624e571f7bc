package ddpm.data;

import ddpm.DataException;
import ddpm.Invocation;
import ddpm.disk.ByteCount;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps a data set that does not fit the Java heap from ending in an OutOfMemoryError. Safe for many threads. */
public final class MemoryBudget {
    private final String what;
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    /**
     * @param what  the source, for the message
     * @param limit bytes that its images may take
     */
    public MemoryBudget(String what, long limit) {
        this.what = what;
        this.limit = limit;
    }

    /** The images do not fit. */
    public static final class ExceededException extends DataException {
        private ExceededException(String message) {
            super(message);
        }
    }

    /** Counts {@code bytes} more as held; throws {@link ExceededException} when the limit is passed. */
    public void take(long bytes) {
        if (taken.addAndGet(bytes) > limit) {
            throw new ExceededException(what + ": the decoded images need more than the " + ByteCount.text(limit)
                    + " that Java may use for them; choose a smaller --size, or give Java more memory with "
                    + Invocation.withJava("-Xmx8g"));
        }
    }
}
