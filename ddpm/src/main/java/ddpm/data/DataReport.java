package ddpm.data;

import ddpm.Printable;
import ddpm.disk.ByteCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code ddpm data check} says of images: what {@code train} would find, and what the pixels are like. */
public final class DataReport {
    private static final int NAMED = 50;

    private DataReport() {}

    /** One line for each thing; files that were rejected or left out one by one, up to fifty of each. */
    public static List<String> lines(ImageSet set) {
        List<String> lines = new ArrayList<>();
        lines.add(line("source", set.name()));
        lines.add(line("images", String.format(Locale.ROOT, "%,d", set.count())));
        lines.add(line("size", set.height() + "x" + set.width() + " (height x width)"));
        lines.add(line("channels", set.channels() == 1 ? "1, grey" : "3, RGB"));
        lines.add(line("memory", ByteCount.text(set.bytes())));
        lines.add(line("pixels", pixels(set)));
        lines.addAll(classes(set.classes()));
        set.notes().phrases().forEach(phrase -> lines.add(line("note", phrase)));
        lines.addAll(named("rejected", set.rejected()));
        if (!set.notes().leftOut().isEmpty()) {
            lines.addAll(named("left out", set.notes().leftOut()));
        }
        lines.addAll(set.notes().lines());
        return lines;
    }

    /** Classes and counts, up to fifty of them. */
    private static List<String> classes(Classes classes) {
        if (!classes.known()) {
            return List.of(line("classes", "none: no labels were found"));
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(
                "classes", String.format(Locale.ROOT, "%,d:", classes.names().size())));
        int[] counts = classes.counts();
        for (int k = 0; k < Math.min(NAMED, counts.length); k++) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %s: %,d image%s",
                    Printable.text(classes.names().get(k)),
                    counts[k],
                    counts[k] == 1 ? "" : "s"));
        }
        if (counts.length > NAMED) {
            lines.add(String.format(Locale.ROOT, "  and %,d more", counts.length - NAMED));
        }
        if (classes.without() > 0) {
            lines.add(line("no label", String.format(Locale.ROOT, "%,d", classes.without())));
        }
        return lines;
    }

    private static List<String> named(String name, List<Rejected> files) {
        List<String> lines = new ArrayList<>();
        lines.add(line(name, files.isEmpty() ? "nothing" : String.format(Locale.ROOT, "%,d:", files.size())));
        for (Rejected r : files.subList(0, Math.min(NAMED, files.size()))) {
            lines.add("  " + r.file() + ": " + r.reason());
        }
        if (files.size() > NAMED) {
            lines.add(String.format(Locale.ROOT, "  and %,d more", files.size() - NAMED));
        }
        return lines;
    }

    private static String line(String name, String text) {
        return String.format(Locale.ROOT, "%-10s%s", name, text);
    }

    private static String pixels(ImageSet set) {
        int min = 255;
        int max = 0;
        long sum = 0;
        byte[] image = new byte[set.length()];
        for (int i = 0; i < set.count(); i++) {
            set.pixels().copy(i, image, 0);
            for (byte b : image) {
                int v = b & 255;
                min = Math.min(min, v);
                max = Math.max(max, v);
                sum += v;
            }
        }
        String range = String.format(Locale.ROOT, "%d to %d, mean %.1f", min, max, (double) sum / set.bytes());
        return min == max ? range + ": every pixel is the same, there is nothing to learn" : range;
    }
}
