package ddpm;

/**
 * A failure that the person at the keyboard can act on: the message is one clear sentence that names what disagrees and
 * the remedy. The command line prints it as {@code ddpm: <message>} without a stack trace and ends with {@link
 * #exitCode()}.
 *
 * <p>Anything else that is thrown counts as a defect of this program and is reported as one.
 */
public final class UserError extends RuntimeException {
    /** Exit code of work that was started and could not be finished. */
    public static final int FAILURE = 1;

    /** Exit code of a command line or configuration that has to be changed first. */
    public static final int USAGE = 2;

    private final int exitCode;

    /** The work failed: a file is damaged, a download broke, the disk is full. */
    public UserError(String message) {
        this(message, FAILURE, null);
    }

    /** As {@link #UserError(String)}, keeping the cause for {@code --verbose}. */
    public UserError(String message, Throwable cause) {
        this(message, FAILURE, cause);
    }

    private UserError(String message, int exitCode, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** What was asked for cannot be done as asked: a wrong option, key or value. */
    public static UserError usage(String message) {
        return new UserError(message, USAGE, null);
    }

    /** As {@link #usage(String)}, keeping the cause for {@code --verbose}. */
    public static UserError usage(String message, Throwable cause) {
        return new UserError(message, USAGE, cause);
    }

    /** {@link #FAILURE} or {@link #USAGE}. */
    public int exitCode() {
        return exitCode;
    }
}
