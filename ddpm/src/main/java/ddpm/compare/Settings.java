package ddpm.compare;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The settings in which runs differ, by key path as {@code --set} has them. */
record Settings(List<Row> rows) {
    static Settings of(List<Run> runs) {
        List<Map<String, String>> all =
                runs.stream().map(run -> flat(run.config().tree())).toList();
        Set<String> keys = new LinkedHashSet<>();
        all.forEach(settings -> keys.addAll(settings.keySet()));
        List<Row> rows = new ArrayList<>();
        for (String key : keys) {
            List<String> values =
                    all.stream().map(s -> s.getOrDefault(key, Row.NONE)).toList();
            if (values.stream().distinct().count() > 1) {
                rows.add(new Row(key, values));
            }
        }
        return new Settings(rows);
    }

    private static Map<String, String> flat(JsonNode tree) {
        Map<String, String> flat = new LinkedHashMap<>();
        flatten("", tree, flat);
        return flat;
    }

    private static void flatten(String path, JsonNode node, Map<String, String> into) {
        if (!node.isObject()) {
            into.put(path, node.isValueNode() ? node.asText() : node.toString());
            return;
        }
        node.properties()
                .forEach(field ->
                        flatten(path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue(), into));
    }
}
