package ddpm.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void aLineEveryFiveSecondsAndOneAtTheEnd() {
        StringWriter out = new StringWriter();
        AtomicLong seconds = new AtomicLong();
        try (Progress lines = new Lines(new PrintWriter(out), "step", 10, 2_000, () -> seconds.get() * 1_000_000_000)) {
            for (int i = 11; i <= 2_000; i++) {
                if (i % 300 == 0) {
                    seconds.addAndGet(i == 1_800 ? 2 : 4);
                }
                lines.at(i, i < 1_000 ? "loss 1" : "");
                if (i == 1_500) {
                    lines.say("a word in between");
                }
            }
        }
        assertEquals(
                List.of(
                        "step 600/2,000  loss 1  18 s left",
                        "step 1,200/2,000  10 s left",
                        "a word in between",
                        "step 1,800/2,000  2 s left",
                        "step 2,000/2,000  in 22 s"),
                out.toString().lines().toList());
    }

    /** Ten seconds for the first ten, then one second each ten: nine times ten are left after the second line. */
    @Test
    void aSlowBeginningIsForgotten() {
        StringWriter out = new StringWriter();
        AtomicLong seconds = new AtomicLong();
        try (Progress lines = new Lines(new PrintWriter(out), "step", 0, 200, () -> seconds.get() * 1_000_000_000)) {
            for (int i = 10; i <= 100; i += 10) {
                seconds.addAndGet(i == 10 ? 10 : 1);
                lines.at(i, "");
            }
        }
        assertEquals(
                List.of("step 10/200  3 min 10 s left", "step 60/200  14 s left"),
                out.toString().lines().toList());
    }

    @Test
    void quietIsSilent() {
        StringWriter out = new StringWriter();
        try (Progress silent = Progress.of(new PrintWriter(out), true, "step", 0, 1)) {
            silent.at(1, "x");
            silent.say("y");
        }
        assertEquals("", out.toString());
    }

    /** Both streams end in one terminal; every line that stays must start in an empty line and be whole. */
    @Test
    void wordsStandAboveTheBarAndAreNotTorn() {
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(screen, true, StandardCharsets.UTF_8);
        PrintWriter out = new PrintWriter(stream, true, StandardCharsets.UTF_8);
        try (Progress bar = new Bar(out, stream, "step", 0, 400)) {
            for (int i = 1; i <= 400; i++) {
                bar.at(i, "loss 0.1");
                if (i % 100 == 0) {
                    bar.say("word number " + i);
                }
                sleep(2);
            }
        }
        List<String> rows = rows(screen.toString(StandardCharsets.UTF_8));
        assertEquals(
                List.of("word number 100", "word number 200", "word number 300", "word number 400"),
                rows.subList(0, 4));
        assertTrue(rows.get(4).contains("400/400") && rows.get(4).contains("loss 0.1"), rows.toString());
    }

    /** What a terminal shows: carriage return overwrites, ESC [ K clears to the end, colours show nothing. */
    private static List<String> rows(String output) {
        List<String> rows = new ArrayList<>();
        StringBuilder row = new StringBuilder();
        int column = 0;
        String plain = output.replaceAll("\033\\[[0-9;]*m", "");
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (plain.startsWith("\033[K", i)) {
                row.setLength(column);
                i += 2;
            } else if (c == '\r') {
                column = 0;
            } else if (c == '\n') {
                rows.add(row.toString().strip());
                row.setLength(0);
                column = 0;
            } else {
                row.replace(column, Math.min(row.length(), column + 1), String.valueOf(c));
                column++;
            }
        }
        return rows;
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void durationsHaveTwoUnitsAtMost() {
        assertEquals("1 s", Durations.text(0.2));
        assertEquals("59 s", Durations.text(Duration.ofSeconds(59)));
        assertEquals("9 min 30 s", Durations.text(570));
        assertEquals("2 h 5 min", Durations.text(2 * 3600 + 5 * 60 + 59));
    }
}
