package ddpm.data;

import ddpm.disk.Checksum;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the images of a set show: the names of the classes, and the class of each image.
 *
 * @param names sorted: as numbers where all are, else by code units; the place of a name is the label that a network is told
 * @param of    the label of each image, {@link #NONE} where it has none; shared, not copied; empty where no image has one
 */
public record Classes(List<String> names, int[] of) {
    /** The label of an image that has none. */
    public static final int NONE = -1;

    /** Of images without labels. */
    public static final Classes UNKNOWN = new Classes(List.of(), new int[0]);

    private static final int BYTES = 16;

    public Classes {
        names = List.copyOf(names);
    }

    /** Of the names of the images' classes, in the order of the images; null for an image without. */
    public static Classes of(List<String> nameOfEach) {
        List<String> names =
                sorted(nameOfEach.stream().filter(n -> n != null).distinct().toList());
        if (names.isEmpty()) {
            return UNKNOWN;
        }
        Map<String, Integer> place = new LinkedHashMap<>();
        names.forEach(n -> place.put(n, place.size()));
        return new Classes(
                names,
                nameOfEach.stream()
                        .mapToInt(n -> n == null ? NONE : place.get(n))
                        .toArray());
    }

    private static List<String> sorted(Collection<String> names) {
        boolean numbers = names.stream().allMatch(n -> n.matches("0|[1-9][0-9]{0,8}"));
        Comparator<String> order = numbers ? Comparator.comparing(Integer::valueOf) : Comparator.naturalOrder();
        return names.stream().sorted(order).toList();
    }

    /** Whether any image has a label. */
    public boolean known() {
        return !names.isEmpty();
    }

    /** Images of each class. */
    public int[] counts() {
        int[] counts = new int[names.size()];
        Arrays.stream(of).filter(label -> label != NONE).forEach(label -> counts[label]++);
        return counts;
    }

    /** Images without a label. */
    public int without() {
        return (int) Arrays.stream(of).filter(label -> label == NONE).count();
    }

    /** Of names and labels, 32 hexadecimal digits; empty text where there are none. */
    public String checksum() {
        if (!known()) {
            return "";
        }
        MessageDigest sha = Checksum.sha256();
        for (String name : names) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
            sha.update(bytes);
        }
        ByteBuffer labels = ByteBuffer.allocate(of.length * Integer.BYTES);
        labels.asIntBuffer().put(of);
        sha.update(labels);
        return HexFormat.of().formatHex(sha.digest(), 0, BYTES);
    }
}
