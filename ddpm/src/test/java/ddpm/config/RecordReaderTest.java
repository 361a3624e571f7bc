package ddpm.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordReaderTest {
    /** A record as those of the program, small. */
    public record Sheet(String title, @MayBeNull Integer pages, Margin margin) {}

    public record Margin(double left, List<Long> tabs) {}

    private static Optional<Sheet> read(String yaml, Problems problems) {
        return RecordReader.read(Yaml.parse(yaml, "test"), Sheet.class, problems);
    }

    private static List<String> problems(String yaml) {
        Problems problems = new Problems();
        assertTrue(read(yaml, problems).isEmpty());
        return problems.found().stream().map(Problems.Problem::toString).toList();
    }

    @Test
    void whatMayBeNullMayBeLeftOut() {
        Problems problems = new Problems();
        var sheet = read("{title: 12, margin: {left: 1, tabs: [1, 4e9]}}", problems);

        assertEquals(Optional.of(new Sheet("12", null, new Margin(1, List.of(1L, 4_000_000_000L)))), sheet);
        assertTrue(problems.isEmpty());
    }

    @Test
    void everyMissingKeyIsNamed() {
        assertEquals(List.of("title: missing", "margin.left: missing", "margin.tabs: missing"), problems("{pages: 3}"));
    }

    @Test
    void problemsOfAllSectionsAreReported() {
        assertEquals(
                List.of(
                        "colour: unknown key; known are title, pages and margin",
                        "title: expected text, got null",
                        "margin.lef: unknown key; did you mean margin.left?",
                        "margin.left: missing",
                        "margin.tabs[1]: expected an integer, got \"x\""),
                problems("{colour: red, title: null, margin: {lef: 1, tabs: [1, x]}}"));
    }
}
