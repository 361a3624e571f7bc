package ddpm.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Numbers in a line of JSON. It has no NaN and no infinity: they become null, and null becomes NaN. */
final class JsonLine {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonLine() {}

    static ObjectNode create() {
        return JSON.createObjectNode();
    }

    /** @throws IllegalArgumentException where it is no JSON */
    static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
    }

    static Double finiteOrNull(double value) {
        return Double.isFinite(value) ? Double.valueOf(value) : null;
    }

    /** @throws IllegalArgumentException where it is missing or something else */
    static long whole(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) throw wrong(key, value, "a whole number");
        return value.longValue();
    }

    /** As {@link #whole}. */
    static double real(JsonNode node, String key) {
        return real(key, node.path(key));
    }

    /** @param key of {@code value}, for the message */
    static double real(String key, JsonNode value) {
        if (value.isNull()) return Double.NaN;
        if (!value.isNumber()) throw wrong(key, value, "a number");
        return value.doubleValue();
    }

    static IllegalArgumentException wrong(String key, JsonNode value, String kind) {
        return new IllegalArgumentException(
                key + " is " + (value.isMissingNode() ? "missing" : value) + ", not " + kind);
    }
}
