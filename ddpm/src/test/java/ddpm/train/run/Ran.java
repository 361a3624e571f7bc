package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command line gave back, in this process. */
public record Ran(int code, String out, String err) {
    public static Ran of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(args, new PrintWriter(out), new PrintWriter(err));
        return new Ran(code, out.toString(), err.toString());
    }

    /** Fails unless it ended well. */
    public Ran ok() {
        assertEquals(0, code, err);
        assertEquals("", err);
        return this;
    }

    /** Fails unless it ended well, with one warning that holds {@code part}. */
    Ran warned(String part) {
        assertEquals(0, code, err);
        assertTrue(err.startsWith("ddpm: ") && err.contains(part) && err.lines().count() == 1, err);
        return this;
    }

    /** Fails unless it ended with {@code want} and one sentence that holds all of {@code parts}. */
    public Ran failed(int want, String... parts) {
        assertEquals(want, code, err);
        assertTrue(err.startsWith("ddpm: "), err);
        assertEquals(1, err.lines().count(), err);
        for (String part : parts) {
            assertTrue(err.contains(part), () -> "'" + part + "' is not in: " + err);
        }
        return this;
    }
}
