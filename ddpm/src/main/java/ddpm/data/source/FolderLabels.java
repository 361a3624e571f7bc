package ddpm.data.source;

import ddpm.DataException;
import ddpm.Printable;
import ddpm.data.Classes;
import ddpm.engine.disk.IoReason;
import ddpm.engine.disk.PathText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The classes of a folder of images: those that its {@code labels.csv} names, else one for each subfolder directly in it, where
 * there are two or more. An image that has none is named.
 *
 * <p>A line of labels.csv is {@code file,label}, the file relative with '/'; the label is what follows the last comma. A first
 * line {@code file,label} is a heading.
 */
final class FolderLabels {
    static final String FILE = "labels.csv";

    private static final int NAMED = 3;
    private static final String HEADING = "file,label";

    private final List<String> notes;

    private FolderLabels(List<String> notes) {
        this.notes = notes;
    }

    /**
     * The classes of the images.
     *
     * @param files of the images, relative with '/', in their order
     * @param notes gets a line for each kind of thing that is wrong with the labels
     */
    static Classes of(Path folder, List<String> files, List<String> notes) {
        FolderLabels labels = new FolderLabels(notes);
        Path csv = folder.resolve(FILE);
        return Files.isRegularFile(csv) ? labels.fromCsv(csv, files) : labels.fromFolders(files);
    }

    private Classes fromFolders(List<String> files) {
        List<String> names = new ArrayList<>();
        for (String file : files) {
            int slash = file.indexOf('/');
            names.add(slash < 0 ? null : file.substring(0, slash));
        }
        if (names.stream().filter(n -> n != null).distinct().count() < 2) {
            return Classes.UNKNOWN;
        }
        without(files, names, "lie in no folder of a class");
        return Classes.of(names);
    }

    private Classes fromCsv(Path csv, List<String> files) {
        Map<String, String> labels = new HashMap<>();
        List<String> wrong = new ArrayList<>();
        try {
            List<String> lines = Files.readAllLines(csv);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                boolean heading = i == 0 && line.replace(" ", "").equalsIgnoreCase(HEADING);
                if (!line.isEmpty() && !heading) {
                    read(line, i + 1, labels, wrong);
                }
            }
        } catch (CharacterCodingException e) {
            throw new DataException(csv + ": is not UTF-8 text; save it as such, or remove it", e);
        } catch (IOException e) {
            throw new DataException(csv + ": cannot be read (" + IoReason.of(e) + "); check its rights", e);
        }
        if (!wrong.isEmpty()) {
            notes.add(line(wrong, "of " + FILE + " not used"));
        }
        Map<String, String> left = new TreeMap<>(labels);
        List<String> names = new ArrayList<>();
        for (String file : files) {
            names.add(labels.get(file));
            left.remove(file);
        }
        if (!left.isEmpty()) {
            notes.add(line(List.copyOf(left.keySet()), "in " + FILE + " but no image that is used"));
        }
        without(files, names, "have no line in " + FILE);
        return Classes.of(names);
    }

    private static void read(String line, int number, Map<String, String> labels, List<String> wrong) {
        int comma = line.lastIndexOf(',');
        String file = comma < 0 ? "" : unquoted(line.substring(0, comma));
        String label = comma < 0 ? "" : unquoted(line.substring(comma + 1));
        if (file.isEmpty() || label.isEmpty()) {
            wrong.add("line " + number + " (not file,label)");
            return;
        }
        String name = PathText.of(Path.of("").resolve(PathText.path(file)).normalize())
                .replace('\\', '/');
        String before = labels.putIfAbsent(name, label);
        if (before != null && !before.equals(label)) {
            wrong.add("line " + number + " (" + file + " is " + before + " already)");
        }
    }

    private static String unquoted(String text) {
        String plain = text.strip();
        boolean quoted = plain.length() > 1 && plain.startsWith("\"") && plain.endsWith("\"");
        return quoted ? plain.substring(1, plain.length() - 1).replace("\"\"", "\"") : plain;
    }

    private void without(List<String> files, List<String> names, String why) {
        List<String> none = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            if (names.get(i) == null) {
                none.add(files.get(i));
            }
        }
        if (!none.isEmpty()) {
            notes.add(line(none, none.size() == 1 ? why.replace("lie ", "lies ").replace("have ", "has ") : why));
        }
    }

    /** "labels: 4 in labels.csv but no image (a.png, b.png, c.png, ...)". */
    private static String line(List<String> what, String text) {
        String named = String.join(", ", what.subList(0, Math.min(NAMED, what.size())));
        return Printable.text(String.format(
                Locale.ROOT, "labels: %,d %s (%s%s)", what.size(), text, named, what.size() > NAMED ? ", ..." : ""));
    }
}
