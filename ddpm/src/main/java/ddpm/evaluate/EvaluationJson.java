package ddpm.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.disk.AtomicFile;
import ddpm.evaluate.likelihood.Findings;
import ddpm.evaluate.likelihood.Likelihood;
import ddpm.evaluate.likelihood.Likelihood.Range;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** evaluation.json: every number, for programs. */
final class EvaluationJson {
    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private EvaluationJson() {}

    static void write(Evaluation evaluation, Path file) {
        byte[] text;
        try {
            text = (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree(evaluation)) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("evaluation.json", e);
        }
        AtomicFile.write(file, out -> out.write(text));
    }

    static ObjectNode tree(Evaluation e) {
        ObjectNode root = JSON.createObjectNode()
                .put("format", FORMAT)
                .put("samples_of", e.source())
                .put("samples", e.samples().count())
                .put("data", e.data())
                .put("reference_images", e.reference())
                .put("held_out", e.held())
                .put("features", e.features())
                .put("features_learned", e.learned());
        for (Quantity q : Quantity.values()) {
            ObjectNode one = root.putObject(q.key())
                    .put("samples", q.of(e.model().whole()))
                    .put("error", e.model().error(q))
                    .put("real", q.of(e.floor().whole()))
                    .put("real_error", e.floor().error(q))
                    .put("verdict", e.grade(q).words());
            thirds(one.putArray("samples_thirds"), q, e.model());
            thirds(one.putArray("real_thirds"), q, e.floor());
        }
        root.putObject("nearest_training_image")
                .put("copies", e.near().copies())
                .put("real_copies", e.realNear().copies())
                .put("median_distance", e.near().medianDistance())
                .put("real_median_distance", e.realNear().medianDistance());
        ObjectNode tints = root.putObject("appearance");
        for (Tints t : e.tints()) {
            tints.putObject(t.name())
                    .put("samples", t.samples())
                    .put("real", t.real())
                    .put("outside", t.outside())
                    .put("real_outside", t.realOutside());
        }
        if (e.shown() != null) {
            shown(root.putObject("classes"), e.shown());
        }
        if (e.likelihood() != null) {
            likelihood(root.putObject("likelihood"), e.likelihood());
        }
        Verdict verdict = Verdict.of(e);
        root.put("verdict", verdict.headline());
        verdict.findings().forEach(root.putArray("findings")::add);
        verdict.warnings().forEach(root.putArray("warnings")::add);
        e.notes().forEach(root.putArray("notes")::add);
        return root;
    }

    private static void thirds(ArrayNode into, Quantity q, Closeness.Spread spread) {
        for (Closeness third : spread.thirds()) {
            into.add(q.of(third));
        }
    }

    private static void likelihood(ObjectNode into, Likelihood l) {
        into.put("bits_per_dimension", l.bits().mean())
                .put("error", l.bits().error())
                .put("bits_of_t_0", l.last())
                .put("bits_between", l.between())
                .put("bits_of_the_end", l.prior())
                .put("images", l.images())
                .put("calls_per_image", l.calls())
                .put("timesteps", l.timesteps())
                .put("every_t", l.everyT())
                .put("given_classes", l.told())
                .put("variance", l.variance().text())
                .put("clipped", l.clipped())
                .put("seconds", l.seconds())
                .put("loss", l.mean(r -> r.loss().mean()))
                .put("loss_each_value_from_itself", l.mean(Range::fromItself));
        if (l.matrix()) {
            into.put("loss_best_linear", l.mean(Range::fromAll));
        }
        ArrayNode ranges = into.putArray("by_t");
        for (Range r : l.ranges()) {
            ObjectNode one = ranges.addObject()
                    .put("from", r.from())
                    .put("to", r.to())
                    .put("bits", r.bits().mean())
                    .put("bits_error", r.bits().error())
                    .put("loss", r.loss().mean())
                    .put("loss_error", r.loss().error())
                    .put("each_value_from_itself", r.fromItself());
            if (l.matrix()) {
                one.put("best_linear", r.fromAll());
            }
        }
        new Findings(l).sentences().forEach(into.putArray("findings")::add);
    }

    private static void shown(ObjectNode into, Shown s) {
        into.put("accuracy", s.accuracy())
                .put("sure", s.sure())
                .put("real_sure", s.realSure())
                .put("entropy_bits", Shown.entropy(s.counts()))
                .put("real_entropy_bits", Shown.entropy(s.realCounts()));
        if (s.conditional()) {
            into.put("drawn_as_asked", s.shareAsAsked());
        }
        ArrayNode classes = into.putArray("of_each");
        for (int k = 0; k < s.classes().size(); k++) {
            ObjectNode one = classes.addObject()
                    .put("class", s.classes().get(k))
                    .put("samples", s.counts()[k])
                    .put("real", s.realCounts()[k]);
            if (s.conditional()) {
                one.put("asked", s.asked()[k]).put("as_asked", s.asAsked()[k]);
            }
        }
    }
}
