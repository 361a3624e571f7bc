package ddpm.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/** JSON as {@code json.dumps(indent=2, sort_keys=True)} of Python prints it: a file that is read and written again stays the same. */
final class PythonJson {
    private static final String INDENT = "  ";

    /** Beyond these Python prints a number with an exponent. */
    private static final int SMALLEST_EXPONENT = -4;

    private static final int LARGEST_EXPONENT = 16;

    private PythonJson() {}

    /** The text of a file, with a line's end behind it. */
    static String text(JsonNode node) {
        return of(node, "") + "\n";
    }

    private static String of(JsonNode node, String margin) {
        if (node.isObject()) {
            TreeMap<String, JsonNode> sorted = new TreeMap<>();
            node.properties().forEach(e -> sorted.put(e.getKey(), e.getValue()));
            return lines(
                    sorted.entrySet(),
                    "{}",
                    margin,
                    e -> "\"" + e.getKey() + "\": " + of(e.getValue(), margin + INDENT));
        }
        if (node.isArray()) {
            return lines(node, "[]", margin, item -> of(item, margin + INDENT));
        }
        return node.isFloatingPointNumber() ? number(node.doubleValue()) : node.toString();
    }

    private static <T> String lines(Iterable<T> items, String brackets, String margin, Function<T, String> line) {
        List<String> lines = new ArrayList<>();
        items.forEach(item -> lines.add(margin + INDENT + line.apply(item)));
        return lines.isEmpty()
                ? brackets
                : brackets.charAt(0) + "\n" + String.join(",\n", lines) + "\n" + margin + brackets.charAt(1);
    }

    /** {@code 1e-06}, {@code 0.0001}, {@code 1.0}. */
    private static String number(double value) {
        BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (value == 0 || exponent >= SMALLEST_EXPONENT && exponent < LARGEST_EXPONENT) {
            String plain = value == 0 ? "0" : shortest.toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String digits = shortest.movePointLeft(exponent).toPlainString();
        return digits + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }
}
