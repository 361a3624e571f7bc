package ddpm.verify;

import ddpm.engine.testing.Device;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;

/** What a verification said. */
record Outcome(boolean ok, String text) {
    static Outcome of(Device device, Path folder) {
        StringWriter text = new StringWriter();
        boolean ok = Verification.run(folder, device.backend(), new PrintWriter(text));
        return new Outcome(ok, text.toString());
    }

    /** Names of the checks that failed. */
    List<String> failed() {
        return text.lines()
                .filter(l -> l.endsWith("FAIL"))
                .map(l -> l.substring(0, l.indexOf("  ")))
                .toList();
    }

    String lastLine() {
        return text.lines().reduce((a, b) -> b).orElseThrow();
    }

    /** The text with the line breaks of notes undone. */
    String flat() {
        return text.replaceAll("\\s+", " ");
    }
}
