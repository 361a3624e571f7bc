package ddpm.verify.samplers;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.verify.report.VectorException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The options of a case, by name. One that nobody asked for is one that this program does not know: the case then fails. */
final class Options {
    private final Map<String, JsonNode> given = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();

    Options(JsonNode facts) {
        facts.path("options").properties().forEach(e -> given.put(e.getKey(), e.getValue()));
        facts.path("step_options").properties().forEach(e -> given.put(e.getKey(), e.getValue()));
    }

    private JsonNode find(String name) {
        used.add(name);
        return given.get(name);
    }

    double number(String name, double standard) {
        JsonNode node = find(name);
        if (node == null || node.isNull()) {
            return standard;
        }
        if (node.asText().equals("inf")) {
            return Double.POSITIVE_INFINITY;
        }
        if (!node.isNumber()) {
            throw new VectorException(name + " is " + node + ", needed is a number");
        }
        return node.doubleValue();
    }

    boolean flag(String name, boolean standard) {
        JsonNode node = find(name);
        return node == null || node.isNull() ? standard : node.asBoolean();
    }

    String text(String name, String standard) {
        JsonNode node = find(name);
        return node == null || node.isNull() ? standard : node.asText();
    }

    /** @throws VectorException where it is another than this one, which is all that there is here */
    void require(String name, String only) {
        String value = text(name, only);
        if (!value.equals(only)) {
            throw new VectorException(name + " " + value + " is not known here, only " + only);
        }
    }

    void requireAllUsed() {
        Set<String> unknown = new TreeSet<>(given.keySet());
        unknown.removeAll(used);
        if (!unknown.isEmpty()) {
            throw new VectorException("options that are not known here: " + String.join(", ", unknown));
        }
    }
}
