package ddpm.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.NamingBase;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import ddpm.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** YAML text to trees and back. JSON is YAML, so the same reader takes both. */
public final class Yaml {
    // a factory made by the builder has none of the usual features, such as reading "train:" as null
    private static final ObjectMapper READER = new ObjectMapper(YAMLFactory.builder()
                    .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final ObjectMapper TREES =
            new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

    /** Text that no YAML reader, 1.1 or 1.2, takes for anything but itself. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./-]*");

    private static final Set<String> NOT_PLAIN =
            Set.of("true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf");

    private Yaml() {}

    /**
     * The tree that {@code text} describes; empty text gives a null node.
     *
     * @param origin how an error names the text, such as {@code --config my.yaml}
     * @throws UserError where it is no YAML, a key is given twice, it holds an alias or more than one document
     */
    public static JsonNode parse(String text, String origin) {
        try {
            refuseAliases(text, origin);
            JsonNode tree = READER.readTree(text);
            return tree == null || tree.isMissingNode() ? READER.nullNode() : tree;
        } catch (JsonProcessingException e) {
            throw UserError.usage(origin + problem(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException("text in memory", e);
        }
    }

    /** Trees have no place for them: an alias would become the text of its name. */
    private static void refuseAliases(String text, String origin) throws IOException {
        try (YAMLParser parser = (YAMLParser) READER.getFactory().createParser(text)) {
            while (parser.nextToken() != null) {
                if (parser.isCurrentAlias()) {
                    JsonLocation at = parser.currentTokenLocation();
                    throw UserError.usage(origin + ", line " + at.getLineNr() + ", column " + at.getColumnNr() + ": *"
                            + parser.getText() + " is an alias, which is not supported; write the value itself here, or"
                            + " in quotes if the text is meant");
                }
            }
        }
    }

    private static String problem(JsonProcessingException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            Mark at = marked.getProblemMark(); // the exception's own location is where the surrounding block begins
            return ", line " + (at.getLine() + 1) + ", column " + (at.getColumn() + 1) + ": not valid YAML: "
                    + marked.getProblem().replace("\\t(TAB)", "TAB");
        }
        JsonLocation at = e.getLocation();
        String where = at == null ? "" : ", line " + at.getLineNr() + ", column " + at.getColumnNr();
        // the binding step has no type to miss here: what it can object to is a second document
        String what = e instanceof MismatchedInputException
                ? "more than one document"
                : e.getOriginalMessage().lines().findFirst().orElse("unreadable");
        return where + ": not valid YAML: " + what;
    }

    static ObjectNode emptyTree() {
        return TREES.createObjectNode();
    }

    /** The node of a single value: a number, a text, true or false. */
    public static JsonNode node(Object value) {
        return TREES.valueToTree(value);
    }

    /** The key of a record component: {@code timeEmbDim} is {@code time_emb_dim}. */
    static String key(String component) {
        return ((NamingBase) PropertyNamingStrategies.SNAKE_CASE).translate(component);
    }

    /**
     * Prints {@code tree} the way a person would write it: sections indented, lists on one line. The same tree gives
     * the same text, and {@link #parse} of that text gives the same tree.
     */
    public static String print(ObjectNode tree) {
        StringBuilder out = new StringBuilder();
        print(tree, "", out);
        return out.toString();
    }

    private static void print(ObjectNode tree, String indent, StringBuilder out) {
        for (var entry : tree.properties()) {
            out.append(indent).append(entry.getKey()).append(':');
            if (entry.getValue() instanceof ObjectNode section && !section.isEmpty()) {
                out.append('\n');
                print(section, indent + "  ", out);
            } else {
                out.append(' ').append(value(entry.getValue())).append('\n');
            }
        }
    }

    private static String value(JsonNode node) {
        if (node.isArray()) {
            StringBuilder items = new StringBuilder();
            node.forEach(item -> items.append(items.isEmpty() ? "" : ", ").append(value(item)));
            return "[" + items + "]";
        }
        if (node.isTextual() && isPlain(node.textValue())) {
            return node.textValue();
        }
        // JSON's spelling of a number, a quoted text or {} is also YAML's
        return node.toString();
    }

    private static boolean isPlain(String text) {
        return PLAIN.matcher(text).matches() && !NOT_PLAIN.contains(text.toLowerCase(Locale.ROOT));
    }
}
