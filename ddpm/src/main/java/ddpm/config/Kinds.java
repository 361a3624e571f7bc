package ddpm.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sections of a configuration that come in kinds: the key {@code kind} picks a record from a list, whose components are the
 * section's other keys. Where a key is missing the list's own record has its value.
 *
 * @param families for each interface that such a section has as its type, the list of its kinds
 */
public record Kinds(Map<Class<?>, List<? extends Named<?>>> families) {
    /** The key that picks. */
    public static final String KEY = "kind";

    /** No section has kinds. */
    public static final Kinds NONE = new Kinds(Map.of());

    public Kinds {
        families = Map.copyOf(families);
    }

    boolean has(Class<?> type) {
        return families.containsKey(type);
    }

    List<String> names(Class<?> type) {
        return Named.names(families.get(type));
    }

    /** The record of a kind, with the values that count where none are given; empty where there is none of that name. */
    Optional<Record> standard(Class<?> type, String kind) {
        return families.get(type).stream()
                .filter(n -> n.name().equals(kind))
                .map(n -> (Record) n.value())
                .findFirst();
    }

    /** The name of the kind that a record is of. */
    String nameOf(Class<?> type, Object config) {
        return families.get(type).stream()
                .filter(n -> n.value().getClass() == config.getClass())
                .map(Named::name)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(config.getClass().getName() + " is in no list of kinds"));
    }

    /** The tree of a configuration record, its keys in the order of its components, {@code kind} first. */
    public ObjectNode tree(Record config) {
        ObjectNode tree = Yaml.emptyTree();
        for (RecordComponent c : config.getClass().getRecordComponents()) {
            Object value = Records.value(config, c);
            String key = Yaml.key(c.getName());
            if (has(c.getType())) {
                ObjectNode section = tree.putObject(key).put(KEY, nameOf(c.getType(), value));
                section.setAll(tree((Record) value));
            } else if (value instanceof Record inner && !Records.isValue(c.getType())) {
                tree.set(key, tree(inner));
            } else {
                tree.set(key, Yaml.node(value));
            }
        }
        return tree;
    }

    /** The sections with kinds in a configuration, by their paths. */
    Map<String, Class<?>> sections(Class<?> root) {
        Map<String, Class<?>> found = new LinkedHashMap<>();
        collect(root, "", found);
        return found;
    }

    private void collect(Class<?> type, String prefix, Map<String, Class<?>> found) {
        for (RecordComponent c : type.getRecordComponents()) {
            String path = prefix + Yaml.key(c.getName());
            if (has(c.getType())) {
                found.put(path, c.getType());
            } else if (c.getType().isRecord() && !Records.isValue(c.getType())) {
                collect(c.getType(), path + ".", found);
            }
        }
    }

    /**
     * Prepares {@code layer} for being laid over {@code below}: a kind alone, {@code prediction: v}, becomes a section, and where
     * it changes the kind, what is below and is no key of the new one goes.
     */
    public void settle(Class<?> root, Layers layer, Layers below) {
        sections(root).forEach((path, type) -> {
            JsonNode given = layer.get(path);
            if (given != null && given.isTextual()) {
                layer.set(path, Yaml.emptyTree().put(KEY, given.textValue()), layer.source(path));
            }
            JsonNode kind = layer.get(path + "." + KEY);
            JsonNode before = below.get(path + "." + KEY);
            if (kind == null || !kind.isTextual() || kind.equals(before)) {
                return;
            }
            standard(type, kind.textValue()).ifPresent(standard -> {
                List<String> keys = new ArrayList<>(Records.keys(standard.getClass()));
                keys.add(KEY);
                below.retain(path, keys);
            });
        });
    }
}
