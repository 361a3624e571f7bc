package ddpm.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.config.Kinds;
import ddpm.config.Named;
import ddpm.diffusion.prediction.Predictions;
import ddpm.diffusion.schedule.Schedules;
import ddpm.engine.tensor.HostTensor;
import ddpm.model.list.Models;
import ddpm.train.checkpoint.TrainedModel;
import ddpm.train.settings.SampleConfig;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** {@code ddpm info}: what a checkpoint is, a line each, then a line for each of its tensors. */
public final class ModelReport {
    private static final int NAMED = 10;

    private final TrainedModel trained;
    private final OptionalLong steps;
    private final PrintWriter out;

    /** @param steps of the training; empty where nothing says how many */
    public ModelReport(TrainedModel trained, OptionalLong steps, PrintWriter out) {
        this.trained = trained;
        this.steps = steps;
        this.out = out;
    }

    public void print() {
        long parameters = trained.weights().values().stream()
                .mapToLong(ModelReport::count)
                .sum();
        line("weights", trained.file().toString());
        line(
                "network",
                String.format(
                        Locale.ROOT,
                        "%s, %,d parameters in %,d tensors",
                        kind(Models.ALL, trained.model()),
                        parameters,
                        trained.weights().size()));
        line("images", trained.model().imSize() + "x" + trained.model().imChannels());
        line("settings", settings(trained.model()));
        line("schedule", kind(Schedules.ALL, trained.diffusion()) + ": " + settings(trained.diffusion()));
        line("prediction", prediction());
        line("classes", classes());
        line(
                "trained",
                steps.isPresent()
                        ? String.format(Locale.ROOT, "%,d steps", steps.getAsLong())
                        : "nothing says how long");
        SampleConfig sample = trained.sample();
        line("drawn with", sample.sampler() + ", " + sample.steps() + " steps, unless told otherwise");
        trained.notes().forEach(note -> line("note", note));
        out.println();
        layers();
        out.flush();
    }

    private void line(String what, String text) {
        out.printf(Locale.ROOT, "%-12s%s%n", what, text);
    }

    private String prediction() {
        String settings = settings(trained.objective().prediction());
        return kind(Predictions.ALL, trained.objective().prediction()) + (settings.isEmpty() ? "" : ": " + settings)
                + ", variance " + trained.objective().variance();
    }

    private String classes() {
        List<String> names = trained.classes();
        if (names.isEmpty()) {
            return "none";
        }
        return String.format(Locale.ROOT, "%,d: ", names.size())
                + names.stream().limit(NAMED).collect(Collectors.joining(", "))
                + (names.size() > NAMED ? ", ..." : "");
    }

    private void layers() {
        int width = trained.weights().keySet().stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        trained.weights()
                .forEach((name, tensor) -> out.printf(
                        Locale.ROOT,
                        "%-" + Math.max(1, width) + "s  %s %s%n",
                        name,
                        tensor.dtype(),
                        Arrays.toString(tensor.shape())));
    }

    private static long count(HostTensor tensor) {
        return Arrays.stream(tensor.shape()).reduce(1, Math::multiplyExact);
    }

    private static String kind(List<? extends Named<?>> kinds, Object value) {
        return kinds.stream()
                .filter(k -> k.value().getClass() == value.getClass())
                .map(Named::name)
                .findFirst()
                .orElseThrow();
    }

    /** {@code timesteps=1000, beta_start=1.0E-4}. */
    private static String settings(Object config) {
        ObjectNode tree = Kinds.NONE.tree((Record) config);
        return tree.properties().stream()
                .map(e -> e.getKey() + "="
                        + (e.getValue().isTextual() ? e.getValue().asText() : e.getValue()))
                .collect(Collectors.joining(", "));
    }
}
