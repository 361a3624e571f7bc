package ddpm.train.settings;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.UserError;
import ddpm.engine.optim.LearningRate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code --resume} may change of a run's settings, and what became of the rest of its schedule. */
public final class ResumeCheck {
    /** They decide what the model is, what it sees and when; steps done with others cannot be continued. */
    private static final List<String> FIXED = List.of("seed", "data.", "model.", "diffusion.", "train.batch");

    /** The images count, not what they are called: {@link ddpm.train.run.DataOfRun} compares them. */
    private static final String SOURCE = "data.source";

    private ResumeCheck() {}

    /**
     * Returns the settings that differ, such as {@code train.steps=40 (was 20)}, in the order of the file.
     *
     * @param sameData whether another name of the data is known, or will be found, to mean the same images
     * @throws UserError where one of them cannot change within a run
     */
    public static List<String> changes(RunConfig before, RunConfig now, boolean sameData) {
        Map<String, JsonNode> old = leaves(before);
        List<String> changed = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        leaves(now).forEach((key, value) -> {
            if (!value.equals(old.get(key))) {
                boolean fixed = !(key.equals(SOURCE) && sameData)
                        && FIXED.stream().anyMatch(f -> f.endsWith(".") ? key.startsWith(f) : key.equals(f));
                (fixed ? refused : changed).add(key + "=" + text(value) + " (was " + text(old.get(key)) + ")");
            }
        });
        if (!refused.isEmpty()) {
            throw UserError.usage("--resume: " + String.join(", ", refused) + " cannot change within a run; leave "
                    + (refused.size() == 1 ? "it" : "them") + " out, or start a new run with another --out");
        }
        return changed;
    }

    /**
     * Whether the steps done had the learning rates that {@code now} gives them; then going on is the same as one run.
     *
     * @param done steps
     * @param images in an epoch
     */
    public static boolean sameSchedule(RunConfig before, RunConfig now, long done, long images) {
        LearningRate old = before.train().learningRate(images);
        LearningRate other = now.train().learningRate(images);
        for (long step = 1; step <= done; step++) {
            if (old.at(step) != other.at(step)) {
                return false;
            }
        }
        return true;
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.textValue() : value.toString();
    }

    /** Every setting by its key path. */
    private static Map<String, JsonNode> leaves(RunConfig config) {
        Map<String, JsonNode> leaves = new LinkedHashMap<>();
        collect("", config.tree(), leaves);
        return leaves;
    }

    private static void collect(String path, JsonNode node, Map<String, JsonNode> into) {
        if (!node.isObject()) {
            into.put(path, node);
            return;
        }
        for (var e : node.properties()) {
            collect(path.isEmpty() ? e.getKey() : path + "." + e.getKey(), e.getValue(), into);
        }
    }
}
