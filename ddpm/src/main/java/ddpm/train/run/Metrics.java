package ddpm.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * One line of metrics.jsonl.
 *
 * @param step optimizer steps done
 * @param epoch epochs finished
 * @param images images seen since step 0
 * @param loss mean squared error of the noise over the images since the line before
 * @param lr learning rate of this step
 * @param gradNorm global L2 norm of the gradient, before clipping
 * @param imagesPerS images a second since the line before
 * @param seconds training time since step 0, without the pauses between resumed parts
 */
public record Metrics(
        long step,
        long epoch,
        long images,
        double loss,
        double lr,
        double gradNorm,
        double imagesPerS,
        double seconds) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** An object without line breaks. JSON has no NaN and no infinity: they become null. */
    String toJson() {
        return JSON.createObjectNode()
                .put("step", step)
                .put("epoch", epoch)
                .put("images", images)
                .put("loss", finiteOrNull(loss))
                .put("lr", finiteOrNull(lr))
                .put("grad_norm", finiteOrNull(gradNorm))
                .put("images_per_s", finiteOrNull(imagesPerS))
                .put("seconds", finiteOrNull(seconds))
                .toString();
    }

    /**
     * Reads what {@link #toJson} wrote; null becomes NaN, and keys of later versions are ignored.
     *
     * @throws IllegalArgumentException when it is not such an object; says what is wrong with it
     */
    static Metrics fromJson(String text) {
        JsonNode node;
        try {
            node = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
        return new Metrics(
                whole(node, "step"),
                whole(node, "epoch"),
                whole(node, "images"),
                real(node, "loss"),
                real(node, "lr"),
                real(node, "grad_norm"),
                real(node, "images_per_s"),
                real(node, "seconds"));
    }

    private static Double finiteOrNull(double value) {
        return Double.isFinite(value) ? Double.valueOf(value) : null;
    }

    private static long whole(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) throw wrong(key, value, "a whole number");
        return value.longValue();
    }

    private static double real(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (value.isNull()) return Double.NaN;
        if (!value.isNumber()) throw wrong(key, value, "a number");
        return value.doubleValue();
    }

    private static IllegalArgumentException wrong(String key, JsonNode value, String kind) {
        return new IllegalArgumentException(
                key + " is " + (value.isMissingNode() ? "missing" : value) + ", not " + kind);
    }
}
