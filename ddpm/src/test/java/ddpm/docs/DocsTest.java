package ddpm.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.docs.Markdown.Block;
import ddpm.docs.Markdown.Link;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The documents name files and symbols that exist and quote code as it stands. A quote is marked on the line before its
 * fence, with a path from the project's root: {@code <!-- quote: engine/src/.../Tape.java -->}. Terms of the glossary are
 * linked to it.
 */
class DocsTest {
    private static final int LONGEST_QUOTE = 15;
    /** Paths of one machine; they mean nothing in a clone. */
    private static final Pattern MACHINE =
            Pattern.compile("(^|[\\s\"'`(=])(/(home|root|work|Users|mnt)/|[A-Z]:\\\\)|\\.\\./shared");

    static Stream<Markdown> documents() {
        return Markdown.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("documents")
    void linksLeadSomewhere(Markdown document) {
        List<String> broken = new ArrayList<>();
        for (Link link : document.links()) {
            if (link.target().startsWith("https://")) {
                continue;
            }
            String[] parts = link.target().split("#", 2);
            Path file = parts[0].isEmpty()
                    ? document.file()
                    : document.file().resolveSibling(parts[0]).normalize();
            if (!Files.exists(file)) {
                broken.add(document + ":" + link.line() + ": no file " + link.target());
            } else if (parts.length == 2 && !holds(file, parts[1])) {
                broken.add(document + ":" + link.line() + ": " + file.getFileName() + " has no " + parts[1]);
            }
        }
        assertEquals(List.of(), broken);
    }

    /** A heading of a document, otherwise the name of a class, method, field or key. */
    private static boolean holds(Path file, String symbol) {
        if (!file.toString().endsWith(".md")) {
            Pattern word = Pattern.compile("\\b" + Pattern.quote(symbol) + "\\b");
            return Markdown.text(file).stream()
                    .anyMatch(line -> word.matcher(line).find());
        }
        return Markdown.text(file).stream()
                .filter(line -> line.startsWith("#"))
                .anyMatch(line -> Glossary.anchor(line.replaceFirst("#+ ", "")).equals(symbol));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("documents")
    void quotesAreTheCode(Markdown document) {
        for (Block block : document.blocks()) {
            String at = document + ":" + block.line();
            if (block.language().equals("java")) {
                assertTrue(
                        "quote".equals(block.kind()) || "compiled".equals(block.kind()),
                        at + ": say where this code is from, or which test compiles it");
            }
            if ("compiled".equals(block.kind())) {
                assertTrue(Files.exists(block.source()), at + ": no file " + block.source());
            }
            if ("quote".equals(block.kind())) {
                assertTrue(block.text().size() <= LONGEST_QUOTE, at + ": a quote has at most 15 lines");
                assertTrue(Files.exists(block.source()), at + ": no file " + block.source());
                List<String> code = stripped(Markdown.text(block.source()));
                for (List<String> part : parts(stripped(block.text()))) {
                    assertTrue(
                            Collections.indexOfSubList(code, part) >= 0,
                            () -> at + ": not in " + block.source().getFileName() + ":\n" + String.join("\n", part));
                }
            }
        }
    }

    /** A line of three dots stands for lines left out. */
    private static List<List<String>> parts(List<String> quote) {
        List<List<String>> parts = new ArrayList<>(List.of(new ArrayList<>()));
        for (String line : quote) {
            if (line.equals("...")) {
                parts.add(new ArrayList<>());
            } else {
                parts.get(parts.size() - 1).add(line);
            }
        }
        return parts;
    }

    private static List<String> stripped(List<String> lines) {
        return lines.stream().map(String::strip).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("documents")
    void nothingOfOneMachine(Markdown document) {
        for (int i = 0; i < document.lines().size(); i++) {
            String line = document.lines().get(i);
            assertTrue(!MACHINE.matcher(line).find(), document + ":" + (i + 1) + ": " + line);
        }
    }

    static Stream<Markdown> chapters() {
        return Glossary.chapters();
    }

    /** What "used" and "linked" mean is in {@link Glossary}. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("chapters")
    void termsAreLinkedWhereTheyFirstAppear(Markdown chapter) {
        List<String> missing = Glossary.read().uses(chapter).stream()
                .filter(use -> !use.linked())
                .map(use -> chapter + ":" + use.line() + ": " + use.term() + " without a link to glossary.md#"
                        + Glossary.anchor(use.term()))
                .toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void everyEntryOfTheGlossaryIsUsed() {
        Glossary glossary = Glossary.read();
        List<String> unused = new ArrayList<>(glossary.terms());
        Glossary.chapters().forEach(c -> glossary.uses(c).forEach(use -> unused.remove(use.term())));
        assertEquals(List.of(), unused);
    }

    /** Each of these has one mistake, or none. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a warp waits                                            | warp",
                "two warps wait, then a [warp](glossary.md#warp)         | warp",
                "a [warp](glossary.md#lane) waits                        | warp",
                "a [warp](elsewhere.md#warp), then a warp                | warp",
                "a tensor                                                | tensor",
                "a [tensor core](glossary.md#tensor-core) and a tensor   | tensor",
                "a [warp](glossary.md#warp) waits, and other warps       |",
                "`warp`, time-warp, warped, [warp](elsewhere.md)         |",
                "many [Tensor cores](../docs/glossary.md#tensor-core)    |",
            })
    void theGlossaryKnowsAUse(String line, String unlinked) {
        Glossary glossary = new Glossary(Path.of("glossary.md"), List.of("warp", "lane", "tensor", "tensor core"));
        List<String> found = glossary.uses(new Markdown(Path.of("x.md"), List.of("# warp", line))).stream()
                .filter(use -> !use.linked())
                .map(Glossary.Use::term)
                .toList();
        assertEquals(unlinked == null ? List.of() : List.of(unlinked), found);
    }
}
