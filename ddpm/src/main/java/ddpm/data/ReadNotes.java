package ddpm.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a user wants to know of how a set was read, besides the files that were rejected.
 *
 * @param remarks how many images each of these befell
 * @param leftOut files that are no images, with the kind of each: {@code .txt}, {@code hidden}
 * @param lines   what stands on lines of its own: pictures left out, where the pixels lie
 */
public record ReadNotes(Map<Remark, Integer> remarks, List<Rejected> leftOut, List<String> lines) {
    /** Of a set of which there is nothing to say. */
    public static final ReadNotes NONE = new ReadNotes(Map.of(), List.of(), List.of());

    public ReadNotes {
        remarks = Map.copyOf(remarks);
        leftOut = leftOut.stream().sorted(Comparator.comparing(Rejected::file)).toList();
        lines = List.copyOf(lines);
    }

    /** Of a set beside which nothing but these files lies. */
    public static ReadNotes leftOut(List<Rejected> files) {
        return new ReadNotes(Map.of(), files, List.of());
    }

    /** Counts what befell the images of a set. */
    public static Map<Remark, Integer> count(Collection<Set<Remark>> images) {
        Map<Remark, Integer> counts = new EnumMap<>(Remark.class);
        images.forEach(remarks -> remarks.forEach(r -> counts.merge(r, 1, Integer::sum)));
        return counts;
    }

    /** These notes and more lines. */
    public ReadNotes with(List<String> more) {
        return new ReadNotes(
                remarks, leftOut, Stream.concat(lines.stream(), more.stream()).toList());
    }

    /** One phrase for each remark: "3 turned upright as their EXIF says". */
    List<String> phrases() {
        List<String> phrases = new ArrayList<>();
        for (Remark remark : Remark.values()) {
            if (remarks.containsKey(remark)) {
                phrases.add(String.format(Locale.ROOT, "%,d %s", remarks.get(remark), remark.text()));
            }
        }
        return phrases;
    }

    /** "2 .txt, 1 hidden". */
    public String kinds() {
        return kinds(leftOut);
    }

    public static String kinds(List<Rejected> leftOut) {
        Map<String, Integer> counts = new TreeMap<>();
        leftOut.forEach(file -> counts.merge(file.reason(), 1, Integer::sum));
        return counts.entrySet().stream()
                .map(e -> String.format(Locale.ROOT, "%,d %s", e.getValue(), e.getKey()))
                .collect(Collectors.joining(", "));
    }
}
