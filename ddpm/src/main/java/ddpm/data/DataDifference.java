package ddpm.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Says in what images differ from those that there were. */
public final class DataDifference {
    private static final int NAMED = 3;

    private DataDifference() {}

    /** For a sentence: {@code 43 images now, 40 then: 3 added (a.png, b.png, c.png), 1 changed (d.png)}. */
    public static String text(Fingerprint then, Fingerprint now) {
        if (then.isSame(now)) {
            return "the same images with other labels";
        }
        String counts = String.format(
                Locale.ROOT, "%,d image%s now, %,d then", now.count(), now.count() == 1 ? "" : "s", then.count());
        String sizeThen = size(then);
        String sizeNow = size(now);
        if (!sizeThen.equals(sizeNow)) {
            return counts + ", " + sizeNow + " now, " + sizeThen + " then";
        }
        if (!then.files().isEmpty() && !now.files().isEmpty()) {
            String files = String.join(", ", ofFiles(byFile(then), byFile(now)));
            return counts + ": " + (files.isEmpty() ? "the same files in another order" : files);
        }
        if (now.beginsWith(then)) {
            return String.format(Locale.ROOT, "%s: %,d added behind the others", counts, now.count() - then.count());
        }
        return counts + (then.count() == now.count() ? ", and other pixels" : "");
    }

    private static String size(Fingerprint f) {
        return f.height() + "x" + f.width() + "x" + f.channels();
    }

    private static Map<String, Long> byFile(Fingerprint f) {
        Map<String, Long> sums = new LinkedHashMap<>();
        for (int i = 0; i < f.files().size(); i++) {
            sums.put(f.files().get(i), f.sum(i));
        }
        return sums;
    }

    private static List<String> ofFiles(Map<String, Long> then, Map<String, Long> now) {
        TreeSet<String> added = new TreeSet<>(now.keySet());
        added.removeAll(then.keySet());
        TreeSet<String> removed = new TreeSet<>(then.keySet());
        removed.removeAll(now.keySet());
        List<String> renamed = renamed(removed, then, added, now);
        TreeSet<String> changed = new TreeSet<>(then.keySet());
        changed.removeIf(file -> !now.containsKey(file) || now.get(file).equals(then.get(file)));
        List<String> parts = new ArrayList<>();
        part(parts, "added", added);
        part(parts, "removed", removed);
        part(parts, "changed", changed);
        part(parts, "renamed", renamed);
        return parts;
    }

    /** Takes the files that only have another name out of both sets. */
    private static List<String> renamed(
            TreeSet<String> removed, Map<String, Long> then, TreeSet<String> added, Map<String, Long> now) {
        Map<Long, String> byPixels = new LinkedHashMap<>();
        added.forEach(file -> byPixels.putIfAbsent(now.get(file), file));
        List<String> renamed = new ArrayList<>();
        for (String old : List.copyOf(removed)) {
            String name = byPixels.remove(then.get(old));
            if (name != null) {
                renamed.add(old + " is " + name);
                removed.remove(old);
                added.remove(name);
            }
        }
        return renamed;
    }

    private static void part(List<String> parts, String what, Collection<String> files) {
        if (!files.isEmpty()) {
            String names = String.join(", ", files.stream().limit(NAMED).toList());
            parts.add(String.format(
                    Locale.ROOT, "%,d %s (%s%s)", files.size(), what, names, files.size() > NAMED ? ", ..." : ""));
        }
    }
}
