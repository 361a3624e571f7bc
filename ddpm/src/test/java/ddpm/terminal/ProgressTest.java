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

    /** Below the bar as long as there is one; nothing of it is left in the lines that stay. */
    @Test
    void whatExplainsTheRemarkStandsBelowTheBar() {
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(screen, true, StandardCharsets.UTF_8);
        PrintWriter out = new PrintWriter(stream, true, StandardCharsets.UTF_8);
        Bar bar = new Bar(out, stream, "step", 0, 400);
        bar.explain("loss: 1 is nothing " + "x".repeat(1000)); // as much as fits: it must not become two lines
        for (int i = 1; i <= 200; i++) {
            bar.at(i, "loss 0.1");
            if (i == 100) {
                bar.say("word");
            }
            sleep(5);
        }
        List<String> rows = rows(screen.toString(StandardCharsets.UTF_8));
        assertEquals("word", rows.get(0));
        assertTrue(rows.get(1).contains("/400"), rows.toString());
        assertTrue(
                rows.get(2).startsWith("loss: 1 is nothing xx") && rows.get(2).length() < 1000, rows.toString());
        assertEquals(3, rows.size(), rows.toString());
        bar.at(400, "loss 0.1");
        bar.close();
        out.println("done");
        rows = rows(screen.toString(StandardCharsets.UTF_8));
        assertEquals("word", rows.get(0));
        assertTrue(rows.get(1).contains("400/400"), rows.toString());
        assertEquals(List.of("done"), rows.subList(2, rows.size()));
    }

    @Test
    void whereLinesStayWhatExplainsThemIsOneOfThem() {
        StringWriter out = new StringWriter();
        try (Progress lines = new Lines(new PrintWriter(out), "step", 0, 1, () -> 0)) {
            lines.explain("loss: 1 is nothing");
            lines.at(1, "");
        }
        assertEquals(
                List.of("loss: 1 is nothing", "step 1/1  in 1 s"),
                out.toString().lines().toList());
    }

    /**
     * What a terminal shows: carriage return overwrites, ESC [ K clears to the end, ESC [ A goes up a line, colours show
     * nothing. Without the lines below the last that has something.
     */
    private static List<String> rows(String output) {
        List<StringBuilder> rows = new ArrayList<>(List.of(new StringBuilder()));
        int at = 0;
        int column = 0;
        String plain = output.replaceAll("\033\\[[0-9;]*m", "");
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            StringBuilder row = rows.get(at);
            if (plain.startsWith("\033[K", i)) {
                row.setLength(Math.min(row.length(), column));
                i += 2;
            } else if (plain.startsWith("\033[A", i)) {
                at--;
                i += 2;
            } else if (c == '\r') {
                column = 0;
            } else if (c == '\n') {
                at++;
                column = 0;
                if (at == rows.size()) {
                    rows.add(new StringBuilder());
                }
            } else {
                row.replace(column, Math.min(row.length(), column + 1), String.valueOf(c));
                column++;
            }
        }
        List<String> texts =
                new ArrayList<>(rows.stream().map(r -> r.toString().strip()).toList());
        while (!texts.isEmpty() && texts.get(texts.size() - 1).isEmpty()) {
            texts.remove(texts.size() - 1);
        }
        return texts;
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
