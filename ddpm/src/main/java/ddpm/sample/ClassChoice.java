package ddpm.sample;

import ddpm.engine.backend.LabelOps.Labels;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which class each image is of.
 *
 * @param labels of images 0, 1, ...; null where the model is told nothing
 * @param rows names of the classes, of each of which the images stand in a row; empty where they do not
 * @param text in words; empty for a model without classes
 */
public record ClassChoice(int count, int[] labels, List<String> rows, String text) {
    /** Images of no class. */
    static ClassChoice unlabelled(int count) {
        return new ClassChoice(count, null, List.of(), "");
    }

    /** Images of each class in turn: as they would come without a wish. */
    public static ClassChoice inTurn(List<String> names, int count) {
        int[] labels = IntStream.range(0, count).map(i -> i % names.size()).toArray();
        return new ClassChoice(count, labels, List.of(), names.size() + " classes in turn");
    }

    /** Images of one class. */
    static ClassChoice one(List<String> names, int label, int count) {
        int[] labels = new int[count];
        Arrays.fill(labels, label);
        return new ClassChoice(count, labels, List.of(), "class " + names.get(label));
    }

    /** A row of so many images for each of some classes. */
    public static ClassChoice rows(List<String> names, List<Integer> chosen, int each) {
        int[] labels = IntStream.range(0, chosen.size() * each)
                .map(i -> chosen.get(i / each))
                .toArray();
        List<String> rows = chosen.stream().map(names::get).toList();
        return new ClassChoice(
                labels.length, labels, rows, each + " of each of the classes " + String.join(", ", rows));
    }

    /** A preview: rows of as many classes as {@code count} images have room for, and as many of each. */
    public static ClassChoice preview(List<String> names, int count) {
        int rows = Math.min(names.size(), count);
        return rows(names, IntStream.range(0, rows).boxed().toList(), Math.max(1, count / rows));
    }

    /** Whether any image has a label. */
    boolean labelled() {
        return labels != null && Arrays.stream(labels).anyMatch(l -> l != Labels.NONE);
    }
}
