package ddpm.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Turns a tree into a configuration record. Every unknown key and every value of the wrong type is reported with its
 * path; a data binder that stops at the first and speaks of tokens and classes would not do.
 */
public final class RecordReader {
    private static final String UNKNOWN = "unknown key";

    private final Class<? extends Record> root;
    private final Kinds kinds;

    private RecordReader(Class<? extends Record> root, Kinds kinds) {
        this.root = root;
        this.kinds = kinds;
    }

    /** As {@link #read(JsonNode, Class, Kinds, Problems)}, of a record without sections that come in kinds. */
    public static <T extends Record> Optional<T> read(JsonNode tree, Class<T> type, Problems problems) {
        return read(tree, type, Kinds.NONE, problems);
    }

    /**
     * The record that {@code tree} describes, or nothing where a problem was added. Every key has to be present but
     * those marked {@link MayBeNull} and those of sections that come in kinds. Ranges are not looked at: that is the record's
     * own business.
     */
    public static <T extends Record> Optional<T> read(JsonNode tree, Class<T> type, Kinds kinds, Problems problems) {
        int before = problems.found().size();
        Object config = new RecordReader(type, kinds).record(tree, type, problems);
        return problems.found().size() == before ? Optional.of(type.cast(config)) : Optional.empty();
    }

    /** Whether the problem is a key that the record does not have. */
    public static boolean isUnknownKey(Problems.Problem problem) {
        return problem.text().startsWith(UNKNOWN);
    }

    private Object record(JsonNode tree, Class<?> type, Problems problems) {
        Map<String, RecordComponent> components = new LinkedHashMap<>();
        for (RecordComponent c : type.getRecordComponents()) {
            components.put(Yaml.key(c.getName()), c);
        }
        tree.fieldNames().forEachRemaining(key -> {
            if (!components.containsKey(key)) {
                problems.add(key, UNKNOWN + suggestion(key, components.keySet(), problems));
            }
        });
        List<Object> values = new ArrayList<>();
        int before = problems.found().size();
        components.forEach((key, c) -> values.add(component(tree.path(key), key, c, problems)));
        return problems.found().size() == before ? construct(type, values) : null;
    }

    /** A section whose kind picks its record; what is not given is as in the list of kinds. */
    private Object ofKind(JsonNode node, String key, Class<?> family, Problems problems) {
        List<String> names = kinds.names(family);
        JsonNode kind = node.isTextual() ? node : node.path(Kinds.KEY);
        if (!kind.isTextual()) {
            problems.in(key).add(Kinds.KEY, kind.isMissingNode() ? "missing" : "expected text, got " + kind);
            return null;
        }
        Optional<Record> standard = kinds.standard(family, kind.textValue());
        if (standard.isEmpty()) {
            problems.in(key).add(Kinds.KEY, Nearest.missing("kind", kind.textValue(), names));
            return null;
        }
        ObjectNode settings = kinds.tree(standard.get());
        if (node instanceof ObjectNode given) {
            ObjectNode others = given.deepCopy();
            others.remove(Kinds.KEY);
            settings.setAll(others);
        }
        return record(settings, standard.get().getClass(), problems.in(key));
    }

    private Object component(JsonNode node, String key, RecordComponent component, Problems problems) {
        boolean absent = node.isMissingNode() || node.isNull();
        if (kinds.has(component.getType())) {
            return ofKind(node, key, component.getType(), problems);
        }
        if (absent && component.isAnnotationPresent(MayBeNull.class)) {
            return null;
        }
        if (component.getType().isRecord() && !Records.isValue(component.getType())) {
            // an absent section is read like an empty one: each of its keys is then missing
            return node.isObject() || absent
                    ? record(node, component.getType(), problems.in(key))
                    : wrong(node, "a section of keys", key, problems);
        }
        if (node.isMissingNode()) {
            problems.add(key, "missing");
            return null;
        }
        return value(node, component.getGenericType(), key, problems);
    }

    private Object value(JsonNode node, Type type, String key, Problems problems) {
        if (type instanceof ParameterizedType list) {
            return items(node, list.getActualTypeArguments()[0], key, problems);
        }
        Object value = null;
        String expected = "text";
        if (type == int.class || type == Integer.class) {
            expected = "an integer" + (node.isNumber() ? " of at most " + Integer.MAX_VALUE : "");
            value = isIntegral(node) && Math.abs(node.decimalValue().longValue()) <= Integer.MAX_VALUE
                    ? (Object) node.decimalValue().intValue()
                    : null;
        } else if (type == long.class || type == Long.class) {
            expected = "an integer";
            value = isIntegral(node) ? (Object) node.decimalValue().longValue() : null;
        } else if (type == double.class || type == Double.class) {
            expected = node.isNumber() ? "a finite number" : "a number";
            value = node.isNumber() && Double.isFinite(node.doubleValue()) ? (Object) node.doubleValue() : null;
        } else if (type == boolean.class || type == Boolean.class) {
            expected = "true or false";
            value = node.isBoolean() ? (Object) node.booleanValue() : null;
        } else if (type == ImageSize.class) {
            expected = "a size such as 28 or [28, 36] (height, width)";
            value = size(node);
        } else if (node.isValueNode() && !node.isNull()) {
            value = node.asText();
        }
        return value != null ? value : wrong(node, expected, key, problems);
    }

    private List<Object> items(JsonNode node, Type item, String key, Problems problems) {
        if (item == Double.class && node.isNumber()) {
            return List.of(value(node, item, key, problems)); // one number is a list of it
        }
        if (!node.isArray()) {
            wrong(
                    node,
                    item == Boolean.class ? "a list such as [true, false]" : "a list such as [32, 64]",
                    key,
                    problems);
            return null;
        }
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            items.add(value(node.get(i), item, key + "[" + i + "]", problems));
        }
        return items;
    }

    private static Object wrong(JsonNode node, String expected, String key, Problems problems) {
        String got = node.isObject() ? "a section of keys" : node.toString();
        problems.add(key, "expected " + expected + ", got " + got);
        return null;
    }

    /** Integers, and numbers such as 1e4 or 10.0 that are one; a long at most. */
    private static boolean isIntegral(JsonNode node) {
        return node.isNumber()
                && Double.isFinite(node.doubleValue())
                && node.decimalValue().stripTrailingZeros().scale() <= 0
                && node.decimalValue().toBigInteger().bitLength() < Long.SIZE;
    }

    private static ImageSize size(JsonNode node) {
        JsonNode height = node.isArray() ? node.path(0) : node;
        JsonNode width = node.isArray() ? node.path(1) : node;
        boolean ok = height.isInt() && width.isInt() && (!node.isArray() || node.size() == 2);
        return ok ? new ImageSize(height.intValue(), width.intValue()) : null;
    }

    private static Object construct(Class<?> type, List<Object> values) {
        try {
            Class<?>[] types = Stream.of(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            return type.getConstructor(types).newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(type.getName() + " rejects values of the right types", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName() + " is not a public record", e);
        }
    }

    /** The nearest key of the same section, else the place where a key of that name does exist. */
    private String suggestion(String key, Collection<String> siblings, Problems problems) {
        Optional<String> sibling = Nearest.to(key, siblings).map(problems::path);
        List<String> all = paths(root, "").stream()
                .filter(p -> !p.equals(problems.path(key))) // of another kind of this section
                .toList();
        return sibling.or(() -> all.stream().filter(p -> leaf(p).equals(key)).findFirst())
                .or(() -> Nearest.to(problems.path(key), all))
                .map(k -> "; did you mean " + k + "?")
                .orElseGet(() -> "; known are " + Problems.list(siblings, "and"));
    }

    private static String leaf(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private List<String> paths(Class<?> type, String section) {
        List<String> paths = new ArrayList<>();
        for (RecordComponent c : type.getRecordComponents()) {
            String path = section + Yaml.key(c.getName());
            if (kinds.has(c.getType())) {
                paths.add(path + "." + Kinds.KEY);
                kinds.families()
                        .get(c.getType())
                        .forEach(n -> paths.addAll(paths(n.value().getClass(), path + ".")));
            } else if (c.getType().isRecord() && !Records.isValue(c.getType())) {
                paths.addAll(paths(c.getType(), path + "."));
            } else {
                paths.add(path);
            }
        }
        return paths;
    }
}
