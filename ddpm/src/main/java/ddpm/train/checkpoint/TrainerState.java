package ddpm.train.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The numbers a training continues from; state.json of a checkpoint.
 *
 * <p>No wall-clock time is kept here: the files of a resumed run equal those of an uninterrupted one, byte for byte.
 * Elapsed seconds are in metrics.jsonl.
 *
 * @param format version of this record, {@link #FORMAT}
 * @param step optimizer steps done; also Adam's step
 * @param epoch epochs finished
 * @param positionInEpoch images of the running epoch already trained on
 * @param images images seen since step 0
 * @param epochLossSum sum over those images of their loss
 * @param epochLossCount images in that sum
 */
public record TrainerState(
        int format,
        long step,
        long epoch,
        long positionInEpoch,
        long images,
        double epochLossSum,
        long epochLossCount) {
    /** The version this build writes and reads. */
    public static final int FORMAT = 1;

    private static final List<String> KEYS =
            List.of("format", "step", "epoch", "position_in_epoch", "images", "epoch_loss_sum", "epoch_loss_count");

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** @throws IllegalArgumentException for another format, a negative count or a sum that is not finite */
    public TrainerState {
        boolean counts = step >= 0 && epoch >= 0 && positionInEpoch >= 0 && images >= 0 && epochLossCount >= 0;
        if (format != FORMAT || !counts || !Double.isFinite(epochLossSum)) {
            throw new IllegalArgumentException("TrainerState: format " + format + " must be " + FORMAT
                    + ", counts (step "
                    + step + ", epoch " + epoch + ", position " + positionInEpoch + ", images " + images
                    + ", loss count " + epochLossCount + ") 0 or more, the loss sum " + epochLossSum + " finite");
        }
    }

    /** A state of this build's format. */
    public TrainerState(
            long step, long epoch, long positionInEpoch, long images, double epochLossSum, long epochLossCount) {
        this(FORMAT, step, epoch, positionInEpoch, images, epochLossSum, epochLossCount);
    }

    /** One line of JSON in UTF-8; equal states give equal bytes, and every double comes back exactly. */
    byte[] toJson() {
        ObjectNode node = JSON.createObjectNode()
                .put("format", format)
                .put("step", step)
                .put("epoch", epoch)
                .put("position_in_epoch", positionInEpoch)
                .put("images", images)
                .put("epoch_loss_sum", epochLossSum)
                .put("epoch_loss_count", epochLossCount);
        return (node + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The state in a file written by {@link #toJson}.
     *
     * @throws CheckpointException when it is missing, not JSON, of another format, or has a key too many or too few
     */
    static TrainerState read(Path file) throws CheckpointException {
        JsonNode node;
        try {
            byte[] text = Files.readAllBytes(file);
            if (new String(text, StandardCharsets.UTF_8).replace("\0", "").isBlank()) {
                throw wrong(file, "is empty");
            }
            node = JSON.readTree(text);
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            String reason = IoReason.of(e).lines().findFirst().orElse("");
            throw new CheckpointException(file + ": cannot be read: " + reason + "; take another checkpoint", e);
        }
        if (!node.isObject()) throw wrong(file, "is not a JSON object");
        JsonNode format = node.path("format");
        if (!format.isMissingNode() && !(format.isInt() && format.intValue() == FORMAT)) {
            throw wrong(file, "has format " + format + ", this build reads " + FORMAT);
        }
        List<String> unknown = new ArrayList<>();
        node.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KEYS);
        List<String> missing = new ArrayList<>(KEYS);
        missing.removeIf(node::has);
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw wrong(file, "lacks the keys " + missing + " and has the unknown keys " + unknown);
        }
        JsonNode lossSum = node.get("epoch_loss_sum");
        if (!lossSum.isNumber() || !Double.isFinite(lossSum.doubleValue())) {
            throw wrong(file, "epoch_loss_sum is " + lossSum + ", not a finite number");
        }
        return new TrainerState(
                count(file, node, "step"),
                count(file, node, "epoch"),
                count(file, node, "position_in_epoch"),
                count(file, node, "images"),
                lossSum.doubleValue(),
                count(file, node, "epoch_loss_count"));
    }

    private static long count(Path file, JsonNode node, String key) throws CheckpointException {
        JsonNode value = node.get(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw wrong(file, key + " is " + value + ", not a whole number of 0 or more");
        }
        return value.longValue();
    }

    private static CheckpointException wrong(Path file, String problem) {
        return new CheckpointException(
                file + ": " + problem + "; take another checkpoint, or the ddpm version that wrote this one", null);
    }
}
