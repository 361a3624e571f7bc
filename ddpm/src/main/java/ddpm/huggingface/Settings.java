package ddpm.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.UserError;
import ddpm.config.Problems;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The keys of one JSON file, each with the value that counts where the file has none. What nobody asks for is not understood, and is
 * named in the end.
 */
final class Settings {
    /** What diffusers notes beside the settings: its version, where the file came from. */
    private static final String NOTED = "_";

    private final String file;
    private final JsonNode object;
    private final Set<String> asked = new HashSet<>();

    /** @param file for messages */
    Settings(String file, JsonNode object) {
        this.file = file;
        this.object = object;
    }

    String text(String key, String standard) {
        JsonNode value = value(key);
        return value == null ? standard : value.asText();
    }

    double number(String key, double standard) {
        JsonNode value = value(key);
        if (value != null && !value.isNumber()) {
            throw wrong(key, "a number", value);
        }
        return value == null ? standard : value.doubleValue();
    }

    int integer(String key, int standard) {
        Integer value = integerOrNull(key, standard);
        return value == null ? standard : value;
    }

    /** Null where the file says null. */
    Integer integerOrNull(String key, Integer standard) {
        asked.add(key);
        JsonNode value = object.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return value.isNull() ? null : standard;
        }
        if (!value.isNumber() || value.doubleValue() != value.intValue()) {
            throw wrong(key, "a whole number", value);
        }
        return value.intValue();
    }

    boolean flag(String key, boolean standard) {
        JsonNode value = value(key);
        if (value != null && !value.isBoolean()) {
            throw wrong(key, "true or false", value);
        }
        return value == null ? standard : value.booleanValue();
    }

    List<Integer> integers(String key, List<Integer> standard) {
        JsonNode value = value(key);
        if (value == null) {
            return standard;
        }
        List<Integer> all = new ArrayList<>();
        for (JsonNode one : list(key, value)) {
            if (!one.isInt()) {
                throw wrong(key, "a list of whole numbers", value);
            }
            all.add(one.intValue());
        }
        return all;
    }

    List<String> texts(String key, List<String> standard) {
        JsonNode value = value(key);
        if (value == null) {
            return standard;
        }
        List<String> all = new ArrayList<>();
        list(key, value).forEach(one -> all.add(one.asText()));
        return all;
    }

    private JsonNode list(String key, JsonNode value) {
        if (!value.isArray()) {
            throw wrong(key, "a list", value);
        }
        return value;
    }

    /** The setting has to be one of these where it is there; {@code null} stands for itself. */
    void require(String key, String... values) {
        asked.add(key);
        JsonNode value = object.path(key);
        String text = value.isNull() ? "null" : value.asText();
        if (!value.isMissingNode() && !List.of(values).contains(text)) {
            throw new UserError(file + ": " + key + "=" + text + " is not known here; known is "
                    + Problems.list(List.of(values), "or"));
        }
    }

    /** Settings that have no effect here. */
    void ignore(String... keys) {
        asked.addAll(List.of(keys));
    }

    /** @throws UserError naming each setting that says something and that nobody asked for */
    void requireAllUnderstood() {
        List<String> others = new ArrayList<>();
        object.properties().forEach(e -> {
            boolean silent = e.getKey().startsWith(NOTED) || e.getValue().isNull();
            if (!silent && !asked.contains(e.getKey())) {
                others.add(e.getKey() + "=" + e.getValue());
            }
        });
        if (!others.isEmpty()) {
            throw new UserError(file + ": not known here: " + String.join(", ", others)
                    + "; remove what does not matter for drawing");
        }
    }

    /** Null where the file has none, or says null. */
    private JsonNode value(String key) {
        asked.add(key);
        JsonNode value = object.path(key);
        return value.isMissingNode() || value.isNull() ? null : value;
    }

    private UserError wrong(String key, String expected, JsonNode got) {
        return new UserError(file + ": " + key + ": expected " + expected + ", got " + got);
    }
}
