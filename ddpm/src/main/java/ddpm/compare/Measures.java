package ddpm.compare;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.Invocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The numbers of the runs' evaluations beside each other.
 *
 * @param rows empty where no run was evaluated
 * @param remarks which run was not, and what cannot be compared, a sentence each
 */
record Measures(List<Row> rows, List<String> remarks) {
    /** @param value its place in evaluation.json   @param error that of its chance error; empty for none */
    private record Number(String name, String value, String error, String format) {
        String of(JsonNode evaluation) {
            JsonNode at = evaluation == null ? null : evaluation.at(value);
            if (at == null || !at.isNumber()) {
                return Row.NONE;
            }
            JsonNode off = error.isEmpty() ? null : evaluation.at(error);
            String text = String.format(Locale.ROOT, format, at.asDouble());
            return off != null && off.isNumber()
                    ? text + " +- " + String.format(Locale.ROOT, format, off.asDouble())
                    : text;
        }
    }

    private static final List<Number> NUMBERS = List.of(
            new Number("samples", "/samples", "", "%.0f"),
            ofFeatures("Frechet distance", "frechet", "%.3f"),
            ofFeatures("kernel distance", "kid", "%.4f"),
            ofFeatures("precision", "precision", "%.3f"),
            ofFeatures("recall", "recall", "%.3f"),
            ofFeatures("density", "density", "%.3f"),
            ofFeatures("coverage", "coverage", "%.3f"),
            new Number("copies, a share", "/nearest_training_image/copies", "", "%.3f"),
            new Number("drawn as asked", "/classes/drawn_as_asked", "", "%.3f"),
            new Number("bits per dimension", "/likelihood/bits_per_dimension", "/likelihood/error", "%.3f"),
            new Number("loss over all t", "/likelihood/loss", "", "%.4f"));

    private static final String VERDICT = "verdict";

    /** On which numbers of features depend beside the model. */
    private static final List<String> ALIKE = List.of("/samples", "/data", "/features", "/held_out");

    private static Number ofFeatures(String name, String key, String format) {
        return new Number(name, "/" + key + "/samples", "/" + key + "/error", format);
    }

    static Measures of(List<Run> runs) {
        List<String> remarks = new ArrayList<>();
        List<JsonNode> known =
                runs.stream().map(Run::evaluation).filter(e -> e != null).toList();
        for (Run run : runs) {
            if (run.evaluation() == null) {
                remarks.add(run.name() + " was not evaluated; "
                        + Invocation.command("evaluate", "--checkpoint", run.folder()) + " does it.");
            }
        }
        if (known.isEmpty()) {
            return new Measures(List.of(), remarks);
        }
        for (String place : ALIKE) {
            List<String> values =
                    known.stream().map(e -> e.at(place).asText()).distinct().toList();
            if (values.size() > 1) {
                remarks.add("The evaluations differ in " + place.substring(1).replace('_', '-') + " ("
                        + String.join("; ", values)
                        + "), so their distances and shares are of different things; evaluate them alike.");
            }
        }
        List<Row> rows = new ArrayList<>();
        for (Number number : NUMBERS) {
            List<String> values =
                    runs.stream().map(run -> number.of(run.evaluation())).toList();
            rows.add(new Row(number.name(), values));
        }
        rows.removeIf(Row::isEmpty);
        rows.add(new Row(
                VERDICT,
                runs.stream()
                        .map(run -> run.evaluation() == null
                                ? Row.NONE
                                : run.evaluation().path("verdict").asText())
                        .toList()));
        return new Measures(rows, remarks);
    }

    /** Those that fit a column of the screen. */
    List<Row> numbers() {
        return rows.stream().filter(row -> !row.name().equals(VERDICT)).toList();
    }
}
