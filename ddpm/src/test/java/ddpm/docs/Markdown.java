package ddpm.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A document of the project.
 *
 * @param file where it is
 * @param lines as they stand there
 */
record Markdown(Path file, List<String> lines) {
    private static final Path ROOT = root();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern MARK = Pattern.compile("<!-- (quote|output|compiled): (\\S+) -->");

    /**
     * A fenced block.
     *
     * @param line number of its first line, from 1
     * @param language after the fence, may be empty
     * @param kind {@code quote}, {@code output} or {@code compiled} where the line before says so, otherwise null
     * @param source what that line names, relative to the project's root
     */
    record Block(int line, String language, String kind, Path source, List<String> text) {}

    /** A link and the number of its line. */
    record Link(int line, String target) {}

    /** The project's folder, above this module. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("docs/decisions"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** README, CONTRIBUTING, CHANGELOG, those of the modules, and everything in docs. */
    static Stream<Markdown> all() {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("", "kernels", "kernels/ladder", "kernels/src/sim", "engine", "ddpm", "bench")) {
            files.addAll(in(ROOT.resolve(folder), 1));
        }
        files.addAll(in(ROOT.resolve("docs"), 3));
        return files.stream().map(Markdown::read);
    }

    private static List<Path> in(Path folder, int depth) {
        try (Stream<Path> found = Files.walk(folder, depth)) {
            return found.filter(f -> f.toString().endsWith(".md")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Markdown read(Path file) {
        return new Markdown(file, text(file));
    }

    static List<String> text(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Links and images outside of fenced blocks. */
    List<Link> links() {
        List<Link> links = new ArrayList<>();
        boolean fenced = false;
        for (int i = 0; i < lines.size(); i++) {
            fenced ^= lines.get(i).startsWith("```");
            Matcher m = LINK.matcher(lines.get(i));
            while (!fenced && m.find()) {
                links.add(new Link(i + 1, m.group(1)));
            }
        }
        return links;
    }

    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).startsWith("```")) {
                continue;
            }
            int first = i + 1;
            for (i++; !lines.get(i).startsWith("```"); ) {
                i++;
            }
            Matcher mark = MARK.matcher(first < 2 ? "" : lines.get(first - 2));
            boolean marked = mark.matches();
            blocks.add(new Block(
                    first + 1,
                    lines.get(first - 1).substring(3).strip(),
                    marked ? mark.group(1) : null,
                    marked ? ROOT.resolve(mark.group(2)) : null,
                    lines.subList(first, i)));
        }
        return blocks;
    }

    @Override
    public String toString() {
        return ROOT.relativize(file).toString();
    }
}
