package ddpm.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The terms of docs/glossary.md and where the chapters use them.
 *
 * <p>A term is used where it stands as a word, in the singular or with s or es, in any case, outside of fenced and inline
 * code, formulas, headings, comments and links that lead elsewhere; its first use has to be in a link to its entry. A term that is a
 * part of a longer one ("tensor" of "tensor core") is not used there.
 */
record Glossary(Path file, List<String> terms) {
    /** What is no prose: fences, headings, formulas (indented by four), comments, inline code. */
    private static final Pattern NO_PROSE =
            Pattern.compile("(?ms)^```.*?^```|^(?:#+ | {4})[^\\n]*$|<!--.*?-->|`[^`]*`");

    private static final Pattern LINK = Pattern.compile("\\[((?:[^\\[\\]]|\\[[^\\[\\]]*\\])*)\\]\\(([^)\\s]*)\\)");

    /** A term and the line of its first use; {@code linked} when that is a link to the entry. */
    record Use(String term, int line, boolean linked) {}

    static Glossary read() {
        Path file = Markdown.root().resolve("docs/glossary.md");
        return new Glossary(
                file,
                Markdown.text(file).stream()
                        .filter(line -> line.startsWith("### "))
                        .map(line -> line.substring(4))
                        .toList());
    }

    /** The chapters: what is numbered in docs, the page on GPUs, and those of the kernels. */
    static Stream<Markdown> chapters() {
        return Markdown.all().filter(d -> d.toString()
                .replace('\\', '/')
                .matches("docs/(\\d\\d-.*|cuda)\\.md|kernels/(ladder/|src/sim/)?README\\.md"));
    }

    /** Of a heading, as GitHub names it. */
    static String anchor(String term) {
        return term.toLowerCase(Locale.ROOT).replaceAll("[^\\w -]", "").replace(' ', '-');
    }

    /** The first use of every term that the document uses. */
    List<Use> uses(Markdown document) {
        String text = blank(String.join("\n", document.lines()), NO_PROSE);
        String prose = blankOtherLinks(text);
        List<Use> uses = new ArrayList<>();
        for (String term : terms) {
            Matcher m = word(term).matcher(withoutLonger(prose, term));
            if (m.find()) {
                int line = (int) text.substring(0, m.start()).lines().count();
                uses.add(new Use(term, Math.max(1, line), isLinked(text, m.start(), term)));
            }
        }
        return uses;
    }

    private static boolean isLinked(String text, int at, String term) {
        Matcher link = LINK.matcher(text);
        while (link.find()) {
            if (link.start() < at && at < link.end()) {
                return link.group(2).endsWith("glossary.md#" + anchor(term));
            }
        }
        return false;
    }

    /** Leaves of a link to the glossary its text, of any other nothing. */
    private static String blankOtherLinks(String text) {
        StringBuilder out = new StringBuilder(text);
        Matcher link = LINK.matcher(text);
        while (link.find()) {
            int from = link.group(2).contains("glossary.md#") ? link.start(2) : link.start();
            blank(out, from, link.end());
        }
        return out.toString();
    }

    private String withoutLonger(String prose, String term) {
        String out = prose;
        for (String other : terms) {
            if (!other.equals(term) && word(term).matcher(other).find()) {
                out = blank(out, word(other));
            }
        }
        return out;
    }

    /** A term of several words may be broken at the end of a line. */
    private static Pattern word(String term) {
        String words = Stream.of(term.split(" ")).map(Pattern::quote).collect(Collectors.joining("\\s+"));
        return Pattern.compile("(?<![\\w-])" + words + "(es|s)?(?![\\w])", Pattern.CASE_INSENSITIVE);
    }

    private static String blank(String text, Pattern what) {
        StringBuilder out = new StringBuilder(text);
        Matcher m = what.matcher(text);
        while (m.find()) {
            blank(out, m.start(), m.end());
        }
        return out.toString();
    }

    private static void blank(StringBuilder text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '\n') {
                text.setCharAt(i, ' ');
            }
        }
    }
}
