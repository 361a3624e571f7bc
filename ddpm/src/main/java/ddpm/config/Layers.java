package ddpm.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * A tree of settings and, for each, where it came from. Layers are laid on top of each other: sections are merged,
 * everything else is replaced.
 */
public final class Layers {
    private final ObjectNode tree;
    private final Map<String, String> origins = new HashMap<>();

    /** Nothing set. */
    public Layers() {
        this(JsonNodeFactory.instance.objectNode());
    }

    /** The given settings, of no particular origin; the tree is copied. */
    public Layers(ObjectNode base) {
        this.tree = base.deepCopy();
    }

    /** The settings as they stand. */
    public ObjectNode tree() {
        return tree;
    }

    /** The value at a path such as {@code train.batch}, or null where nothing is set there. */
    public JsonNode get(String path) {
        JsonNode node = tree;
        for (String key : path.split("\\.")) {
            node = node.path(key);
        }
        return node.isMissingNode() ? null : node;
    }

    /**
     * Sets the value at a path such as {@code train.batch}; an earlier one is replaced.
     *
     * @param origin how an error names the source, such as {@code --batch}
     * @throws UserError where the path leads through something that is a value and not a section
     */
    public void set(String path, JsonNode value, String origin) {
        ObjectNode section = tree;
        int from = 0;
        for (int dot = path.indexOf('.'); dot >= 0; from = dot + 1, dot = path.indexOf('.', from)) {
            String key = path.substring(from, dot);
            JsonNode next = section.path(key);
            if (next.isMissingNode() || next.isNull()) {
                next = section.putObject(key);
            }
            if (!(next instanceof ObjectNode inner)) {
                throw UserError.usage(origin + ": " + path.substring(0, dot) + " is a value, not a section");
            }
            section = inner;
        }
        section.set(path.substring(from), value);
        note(path, value, origin);
    }

    /** Lays {@code top} over these settings: its sections are merged into, its other values replace. */
    public void overlay(Layers top) {
        merge(tree, top.tree);
        origins.putAll(top.origins);
    }

    /** As {@link #overlay(Layers)}, for a tree whose every setting is from {@code origin}. */
    public void overlay(ObjectNode top, String origin) {
        merge(tree, top);
        top.properties().forEach(e -> note(e.getKey(), e.getValue(), origin));
    }

    /** Removes all keys of a section but these. */
    void retain(String section, Collection<String> keys) {
        if (get(section) instanceof ObjectNode node) {
            node.retain(keys);
        }
    }

    /** Where the setting of exactly this path is from, or null where it is not known. */
    public String source(String path) {
        return origins.get(path);
    }

    /** {@code " (from --batch)"} for a key that was set by a named source, empty text for any other. */
    public String origin(String key) {
        String k = key;
        while (!origins.containsKey(k)) {
            // a problem may name one element of a list, or a key inside what was set as a whole
            int end = Math.max(k.lastIndexOf('.'), k.lastIndexOf('['));
            if (end < 0) {
                return "";
            }
            k = k.substring(0, end);
        }
        return " (from " + origins.get(k) + ")";
    }

    private void note(String path, JsonNode value, String origin) {
        if (value.isObject()) {
            value.properties().forEach(e -> note(path + "." + e.getKey(), e.getValue(), origin));
        } else {
            origins.put(path, origin);
        }
    }

    private static void merge(ObjectNode base, ObjectNode top) {
        for (var entry : top.properties()) {
            JsonNode below = base.path(entry.getKey());
            if (below instanceof ObjectNode section && entry.getValue() instanceof ObjectNode over) {
                merge(section, over);
            } else if (!(below instanceof ObjectNode && entry.getValue().isNull())) {
                // a heading with nothing under it reads as null and changes nothing
                base.set(entry.getKey(), entry.getValue().deepCopy());
            }
        }
    }
}
