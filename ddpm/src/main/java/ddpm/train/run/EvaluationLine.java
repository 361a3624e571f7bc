package ddpm.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.evaluate.QuickJudge.Finding;

/**
 * One line of evaluations.jsonl.
 *
 * @param step optimizer steps done
 * @param images drawn, and real ones beside them
 * @param drawn what the drawn images got
 * @param real what real images got
 */
record EvaluationLine(long step, long images, Finding drawn, Finding real) {
    private static final String DRAWN = "samples";
    private static final String REAL = "real";

    /** What the best checkpoint has the least of. */
    double distance() {
        return drawn.frechet();
    }

    /** An object without line breaks. */
    String toJson() {
        ObjectNode line = JsonLine.create().put("step", step).put("images", images);
        put(line.putObject(DRAWN), drawn);
        put(line.putObject(REAL), real);
        return line.toString();
    }

    private static void put(ObjectNode into, Finding finding) {
        into.put("frechet", JsonLine.finiteOrNull(finding.frechet()))
                .put("kid", JsonLine.finiteOrNull(finding.kid()))
                .put("precision", JsonLine.finiteOrNull(finding.precision()))
                .put("recall", JsonLine.finiteOrNull(finding.recall()));
    }

    /**
     * Reads what {@link #toJson} wrote; keys of later versions are ignored.
     *
     * @throws IllegalArgumentException when it is not such an object; says what is wrong with it
     */
    static EvaluationLine fromJson(String text) {
        JsonNode node = JsonLine.read(text);
        return new EvaluationLine(
                JsonLine.whole(node, "step"),
                JsonLine.whole(node, "images"),
                finding(node.path(DRAWN)),
                finding(node.path(REAL)));
    }

    private static Finding finding(JsonNode node) {
        return new Finding(
                JsonLine.real(node, "frechet"),
                JsonLine.real(node, "kid"),
                JsonLine.real(node, "precision"),
                JsonLine.real(node, "recall"));
    }
}
