package ddpm.terminal;

import java.io.Console;

/** Whether a person is looking. */
public final class Terminal {
    private Terminal() {}

    /** Whether standard input and output are a terminal on which a line can be drawn anew. */
    public static boolean isInteractive() {
        Console console = System.console();
        if (console == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            // from JDK 22 on there is always a console, and it is asked; before, there is one only on a terminal
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException olderJdk) {
            return true;
        }
    }
}
