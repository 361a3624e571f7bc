package ddpm.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which package of a folder of sources names which, by imports and full names in code; comments do not count. Packages
 * outside the folder are left out.
 */
final class PackageArrows {
    private static final Pattern COMMENT =
            Pattern.compile("/\\*.*?\\*/|//[^\\n]*|\"(\\\\.|[^\"\\\\\\n])*\"", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("\\b((?:[a-z]\\w*\\.)+)[A-Z]\\w*");

    /** From a package, to others: the files that name one of their classes. */
    private final Map<String, Map<String, List<String>>> arrows = new TreeMap<>();

    /** @param sources the folder that packages begin in */
    PackageArrows(Path sources) {
        Map<Path, String> texts = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
                texts.put(file, Files.readString(file));
                arrows.putIfAbsent(packageOf(sources, file), new TreeMap<>());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        texts.forEach((file, text) -> read(packageOf(sources, file), file, text));
    }

    private static String packageOf(Path sources, Path file) {
        return sources.relativize(file.getParent())
                .toString()
                .replace(file.getFileSystem().getSeparator(), ".");
    }

    private void read(String from, Path file, String text) {
        Matcher names = NAME.matcher(COMMENT.matcher(text).replaceAll(" "));
        while (names.find()) {
            String to = names.group(1).substring(0, names.group(1).length() - 1);
            if (arrows.containsKey(to) && !to.equals(from)) {
                List<String> files = arrows.get(from).computeIfAbsent(to, p -> new ArrayList<>());
                String name = file.getFileName().toString();
                if (!files.contains(name)) {
                    files.add(name);
                }
            }
        }
    }

    /** All packages. */
    List<String> packages() {
        return List.copyOf(arrows.keySet());
    }

    /**
     * The arrows that do not point down.
     *
     * @param floors from the ground up; a package may name those of lower floors, not those of its own
     */
    List<String> up(List<List<String>> floors) {
        List<String> up = new ArrayList<>();
        arrows.forEach((from, all) -> all.forEach((to, files) -> {
            if (floor(floors, to) >= floor(floors, from)) {
                up.add(from + " -> " + to + ": " + String.join(", ", files));
            }
        }));
        return up;
    }

    private static int floor(List<List<String>> floors, String name) {
        for (int i = 0; i < floors.size(); i++) {
            if (floors.get(i).contains(name)) {
                return i;
            }
        }
        return floors.size();
    }

    /** The packages that reach themselves. */
    List<String> circles() {
        return packages().stream().filter(p -> reachable(p).contains(p)).toList();
    }

    private TreeSet<String> reachable(String from) {
        TreeSet<String> found = new TreeSet<>();
        List<String> open = new ArrayList<>(List.of(from));
        while (!open.isEmpty()) {
            for (String next : arrows.get(open.remove(open.size() - 1)).keySet()) {
                if (found.add(next)) {
                    open.add(next);
                }
            }
        }
        return found;
    }
}
