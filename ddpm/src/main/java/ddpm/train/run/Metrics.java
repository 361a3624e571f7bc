package ddpm.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.picture.RunningMean;
import ddpm.train.LossByTime;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * One line of metrics.jsonl. Lines of earlier versions have no smoothed loss, no loss by t and no memory.
 *
 * @param step optimizer steps done
 * @param epoch epochs finished
 * @param images images seen since step 0
 * @param loss mean squared error of the noise over the images since the line before
 * @param smoothedLoss {@link RunningMean} of the lines' losses
 * @param lossByT mean loss over the images since the line before by quarters of [0, T); NaN where no image had such a t
 * @param lr learning rate of this step
 * @param gradNorm global L2 norm of the gradient, before clipping
 * @param imagesPerS images a second since the line before
 * @param memoryBytes of the device's memory that were in use at most up to now; 0 where that is not known
 * @param seconds training time since step 0, without the pauses between resumed parts
 */
public record Metrics(
        long step,
        long epoch,
        long images,
        double loss,
        double smoothedLoss,
        List<Double> lossByT,
        double lr,
        double gradNorm,
        double imagesPerS,
        long memoryBytes,
        double seconds) {
    private static final String SMOOTHED = "smoothed_loss";
    private static final String BY_T = "loss_by_t";
    private static final String MEMORY = "memory_bytes";

    /** An object without line breaks. JSON has no NaN and no infinity: they become null. */
    String toJson() {
        ObjectNode line = JsonLine.create()
                .put("step", step)
                .put("epoch", epoch)
                .put("images", images)
                .put("loss", JsonLine.finiteOrNull(loss))
                .put(SMOOTHED, JsonLine.finiteOrNull(smoothedLoss));
        ArrayNode byT = line.putArray(BY_T);
        lossByT.forEach(part -> byT.add(JsonLine.finiteOrNull(part)));
        return line.put("lr", JsonLine.finiteOrNull(lr))
                .put("grad_norm", JsonLine.finiteOrNull(gradNorm))
                .put("images_per_s", JsonLine.finiteOrNull(imagesPerS))
                .put(MEMORY, memoryBytes)
                .put("seconds", JsonLine.finiteOrNull(seconds))
                .toString();
    }

    /**
     * Reads what {@link #toJson} wrote; null becomes NaN, and keys of later versions are ignored.
     *
     * @throws IllegalArgumentException when it is not such an object; says what is wrong with it
     */
    static Metrics fromJson(String text) {
        JsonNode node = JsonLine.read(text);
        return new Metrics(
                JsonLine.whole(node, "step"),
                JsonLine.whole(node, "epoch"),
                JsonLine.whole(node, "images"),
                JsonLine.real(node, "loss"),
                node.has(SMOOTHED) ? JsonLine.real(node, SMOOTHED) : Double.NaN,
                node.has(BY_T) ? parts(node.get(BY_T)) : LossByTime.unknown(),
                JsonLine.real(node, "lr"),
                JsonLine.real(node, "grad_norm"),
                JsonLine.real(node, "images_per_s"),
                node.has(MEMORY) ? JsonLine.whole(node, MEMORY) : 0,
                JsonLine.real(node, "seconds"));
    }

    private static List<Double> parts(JsonNode list) {
        if (!list.isArray() || list.size() != LossByTime.PARTS) {
            throw JsonLine.wrong(BY_T, list, LossByTime.PARTS + " numbers");
        }
        return StreamSupport.stream(list.spliterator(), false)
                .map(part -> JsonLine.real(BY_T, part))
                .toList();
    }
}
