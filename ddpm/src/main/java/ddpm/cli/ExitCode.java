package ddpm.cli;

import ddpm.UserError;

/** How the process ends; scripts rely on these numbers. */
public final class ExitCode {
    public static final int OK = 0;
    public static final int FAILURE = UserError.FAILURE;
    public static final int USAGE = UserError.USAGE;

    /** 128 + SIGINT, as shells have it: stopped by Ctrl-C or SIGTERM after saving. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
