package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandardOutputTest {
    /** Takes some bytes, then fails. */
    private static OutputStream taking(int bytes, String failure) {
        return new OutputStream() {
            private int taken;

            @Override
            public void write(int b) throws IOException {
                if (taken++ >= bytes) {
                    throw new IOException(failure);
                }
            }
        };
    }

    private static Optional<String> lost(OutputStream stream, boolean reader) {
        StandardOutput out = new StandardOutput(stream, reader);
        PrintWriter writer = out.writer();
        writer.println("one line");
        writer.println("another");
        return out.lost();
    }

    @Test
    void aFailureIsRememberedUnlessTheReaderIsGone() {
        assertEquals(Optional.empty(), lost(new ByteArrayOutputStream(), false));
        assertEquals(Optional.of("No space left on device"), lost(taking(0, "No space left on device"), false));
        assertEquals(Optional.of("No space left on device"), lost(taking(12, "No space left on device"), false));
        assertEquals(Optional.empty(), lost(taking(0, "Broken pipe"), false));
        assertEquals(Optional.empty(), lost(taking(0, "Eingabe-/Ausgabefehler"), true)); // a terminal that was closed
    }
}
